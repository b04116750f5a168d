"""Ingest a survey file into a respondent table."""

from pathlib import Path

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.core import ALLOW_REPEATS, DtcCommand, PostgresSettings, catalogue_option, read_settings


@click.command(cls=DtcCommand)
@click.argument("table")
@click.argument("file", type=click.Path(path_type=Path))
@catalogue_option(Path(__file__).with_name("personas.yaml"))
@click.option(
    ALLOW_REPEATS,
    is_flag=True,
    help="Let respondents count twice who gave the same answers at another time of the same month.",
)
def ingest(table: str, file: Path, catalogue_path: Path, *, allow_repeats: bool) -> None:
    """Check FILE against the catalogue and ingest all of it into TABLE, or nothing.

    The table is made if it is missing. Ingesting the same file again changes nothing.
    """
    from dtc_data.surveys import ingest_file  # noqa: PLC0415 - pandas takes a second; --help should not
    from dtc_data.tables import UnitTable, make_engine  # noqa: PLC0415 - likewise, and SQLAlchemy

    units = UnitTable(load_catalogue(catalogue_path), table)
    engine = make_engine(read_settings(PostgresSettings))
    result = ingest_file(engine, units, file, allow_repeats=allow_repeats)
    click.echo(f"{table}: {result}")


if __name__ == "__main__":
    ingest()
