"""Forecast customers in a file by a trained forecast, without any service."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_model.forecasts import (
    ThresholdRule,
    newest_customers,
    predictions_of,
    read_feature_file,
    read_forecast_folder,
    write_predictions,
)


@click.command(cls=DtcCommand)
@click.option("--model", type=click.Path(path_type=Path), required=True, help="Folder that train.py wrote.")
@click.option(
    "--input", "source", type=click.Path(path_type=Path), required=True, help="As feature_engineering.py wrote it."
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help=".csv, .xlsx or .parquet.")
@click.option("--capacity", type=click.IntRange(1), help="How many can be called. [default: as in training]")
def predict(model: Path, source: Path, output: Path, capacity: int | None) -> None:
    """Write probability, decision and three reasons of each customer, those who are likeliest to leave first.

    Of features at several cutoffs those of the newest are forecast.
    """
    forecast, value, config = read_forecast_folder(model)
    rule = ThresholdRule(capacity=capacity) if capacity else config.threshold
    customers = newest_customers(read_feature_file(source), forecast)
    table = predictions_of(customers, forecast, value, rule)
    write_predictions(table, output)
    click.echo(f"{output}: {len(table):,} customers, {int((table['decision'] == 'call').sum()):,} to call")


if __name__ == "__main__":
    predict()
