"""Train a forecast of who leaves on a file of features, without any service."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_model.forecasts import (
    ForecastConfig,
    figures_of,
    load_forecast_config,
    read_feature_file,
    train_from_file,
    write_forecast_folder,
)


@click.command(cls=DtcCommand)
@click.option(
    "--features", type=click.Path(path_type=Path), required=True, help="As feature_engineering.py wrote them."
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Folder of the forecast.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="How: config/model_config.yaml.")
@click.option("--tune", is_flag=True, help="Search for parameters.")
@click.option("--cv-folds", type=click.IntRange(2), help="Groups of customers. [default: as the configuration says]")
@click.option("--n-trials", type=click.IntRange(1), help="Trials per candidate. [default: as the configuration says]")
def train(  # noqa: PLR0913, PLR0917 - click passes what a person typed
    features: Path,
    output: Path,
    config_path: Path | None,
    tune: bool,  # noqa: FBT001 - click passes it by name
    cv_folds: int | None,
    n_trials: int | None,
) -> None:
    """Compare the candidates in time, choose the simplest good one, and write it with a report.

    A training that looks too good stops and names the feature.
    """
    config = load_forecast_config(config_path) if config_path else ForecastConfig()
    typed = {"tune": tune or None, "cv_folds": cv_folds, "n_trials": n_trials}
    config = config.model_copy(update={name: value for name, value in typed.items() if value is not None})
    training = train_from_file(read_feature_file(features), config, click.echo)

    # It draws, which a refused training need not wait for.
    from dtc_model.forecasts import forecast_report  # noqa: PLC0415 - see above

    write_forecast_folder(training, config, output, {"report.html": forecast_report(training)})
    for name, value in figures_of(training).items():
        click.echo(f"{name}: {value:.4g}" if isinstance(value, float) else f"{name}: {value}")
    click.echo(f"{output}: forecast.json, report.html, figures.json, candidates.csv")


if __name__ == "__main__":
    train()
