"""Ingest a survey file into its table."""

from pathlib import Path

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import ALLOW_REPEATS, DtcCommand, PostgresSettings, read_settings, segmentation_option
from dtc_data.surveys import FileOptions, file_options, written_report


@click.command(cls=DtcCommand)
@click.argument("names", nargs=-1, metavar="[TABLE] FILE", required=True)
@segmentation_option
@click.option(
    ALLOW_REPEATS,
    is_flag=True,
    help="Let units count twice that gave the same answers at another time of the same month.",
)
@file_options
def ingest(
    names: tuple[str, ...],
    segmentation: str | None,
    *,
    allow_repeats: bool,
    options: FileOptions,
    report: Path | None,
) -> None:
    """Check FILE against the catalogue and ingest all of it into TABLE, or nothing.

    FILE is CSV, Excel (.xlsx), SPSS (.sav) or Parquet. What is wrong with it is told by kind, with counts and the first rows.
    TABLE is the one that the catalogue names unless another one is given. The table is made if it is missing. Ingesting the
    same file again changes nothing.
    """
    from dtc_data.surveys import ingest_file  # noqa: PLC0415 - pandas takes long to import; --help should not
    from dtc_data.tables import UnitTable, make_engine  # noqa: PLC0415 - likewise, and SQLAlchemy

    if len(names) > 2:  # noqa: PLR2004 - a table and a file
        raise click.UsageError(f"one file at a time: {' '.join(names[:-2])} and {' '.join(names[-2:])} were given")
    *table, file = names
    if not file:
        raise click.UsageError("no file is named; with make, write FILE=january.csv")
    units = UnitTable(find_segmentation(segmentation).catalogue, *table)
    engine = make_engine(read_settings(PostgresSettings))
    with written_report(report):
        result = ingest_file(engine, units, Path(file), options, allow_repeats=allow_repeats, tell=click.echo)
    click.echo(f"{units.name}: {result}")


if __name__ == "__main__":
    ingest()
