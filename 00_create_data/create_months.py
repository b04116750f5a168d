"""Make the sample months and ingest them into the respondent table."""

from pathlib import Path

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.core import DtcCommand, PostgresSettings, catalogue_option, read_settings

STAGE_FOLDER = Path(__file__).resolve().parent


@click.command(cls=DtcCommand)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=STAGE_FOLDER.parent / ".local" / "data",
    show_default=".local/data",
    help="Where the survey files go.",
)
@catalogue_option(STAGE_FOLDER / "personas.yaml")
def create_months(folder: Path, catalogue_path: Path) -> None:
    """Make January to May 2025 and ingest them into the table that the catalogue names."""
    from dtc_data.synthetic import create_sample_waves  # noqa: PLC0415 - pandas takes a second; --help should not
    from dtc_data.tables import make_engine  # noqa: PLC0415 - likewise, and SQLAlchemy

    catalogue = load_catalogue(catalogue_path)
    create_sample_waves(make_engine(read_settings(PostgresSettings)), catalogue, folder, click.echo)


if __name__ == "__main__":
    create_months()
