"""Compute the features of stores from the tables that ingest_retail.py wrote."""

import time
from pathlib import Path

import click
import pandas as pd
from dtc_data.core import DtcCommand
from dtc_data.stores import RetailTables
from dtc_data.stores import store_features as duckdb_features


@click.command(cls=DtcCommand)
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--quarter", help="One quarter, such as 2025Q1. Default: all complete ones.")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True)
@click.option("--master", default="local[*]", show_default=True, help="Where Spark runs.")
@click.option("--memory", default="2g", show_default=True, help="Memory of Spark's driver and executors.")
def store_features(  # noqa: PLR0913, PLR0917 - the arguments of the command
    folder: Path, file: Path, quarter: str | None, engine: str, master: str, memory: str
) -> None:
    """Write the features of the stores in FOLDER to FILE, Parquet or CSV: one row per store and quarter."""
    start = time.perf_counter()
    tables = RetailTables.in_folder(folder)
    by_duckdb = engine == "duckdb"
    features = duckdb_features(tables, quarter) if by_duckdb else _by_spark(tables, quarter, master, memory)
    if file.suffix == ".csv":
        features.to_csv(file, index=False)
    else:
        features.to_parquet(file, index=False)
    quarters = f"{features['quarter'].min()} to {features['quarter'].max()}"
    click.echo(
        f"{file}: {len(features):,} rows of {quarters}, {len(features.columns)} columns, in {time.perf_counter() - start:.1f} s"
    )


def _by_spark(tables: RetailTables, quarter: str | None, master: str, memory: str) -> pd.DataFrame:
    from dtc_data.spark import spark_session, spark_store_features  # noqa: PLC0415 - PySpark may be missing

    with spark_session(master, memory=memory) as session:
        return spark_store_features(session, tables, quarter)


if __name__ == "__main__":
    store_features()
