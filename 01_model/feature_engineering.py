"""Make the features of customers, with who left where that is known, out of a preprocessed file."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_data.transactions import FeatureConfig, load_feature_config, timestamp_of
from dtc_model.forecasts import (
    ForecastConfig,
    behaviour_feature_table,
    digest_of,
    flat_feature_table,
    load_forecast_config,
)


@click.command(cls=DtcCommand)
@click.option("--input", "source", type=click.Path(path_type=Path), required=True, help="As preprocess.py wrote it.")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="A .parquet file.")
@click.option("--feature-set", type=click.Choice(["basic", "advanced"]), help="[default: as the configuration says]")
@click.option(
    "--config", "config_path", type=click.Path(path_type=Path), help="Which features: config/feature_config.yaml."
)
@click.option(
    "--model-config",
    type=click.Path(path_type=Path),
    help="Horizon, steps and who is eligible: config/model_config.yaml.",
)
@click.option("--now", help="Nothing later is used, like 2011-09-10. [default: the end of the last day]")
def feature_engineering(  # noqa: PLR0913, PLR0917 - click passes what a person typed
    source: Path,
    output: Path,
    feature_set: str | None,
    config_path: Path | None,
    model_config: Path | None,
    now: str | None,
) -> None:
    """Compute windowed features of transactions at every cutoff, or pass the numbers of a flat table on."""
    from dtc_data.customers import is_flat_file, read_flat_file  # noqa: PLC0415 - slow, and --help needs none of it
    from dtc_data.transactions import read_clean_lines  # noqa: PLC0415 - likewise

    config = load_feature_config(config_path) if config_path else FeatureConfig()
    if feature_set:
        config = FeatureConfig.model_validate(config.model_dump() | {"sets": feature_set})
    chosen = load_forecast_config(model_config) if model_config else ForecastConfig()
    if is_flat_file(source):
        made = flat_feature_table(read_flat_file(source), config.interactions, digest_of(source))
    else:
        made = behaviour_feature_table(
            read_clean_lines(source),
            config,
            horizon_days=chosen.horizon_days,
            now=timestamp_of(now) if now else None,
            step_days=chosen.step_days,
            eligible=chosen.eligible,
            source=digest_of(source),
            report_progress=click.echo,
        )
    made.write(output)
    click.echo(f"{output}: {len(made.frame):,} rows of {made.n_features} features")


if __name__ == "__main__":
    feature_engineering()
