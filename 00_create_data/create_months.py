"""Make the sample months and ingest them into their table."""

from pathlib import Path

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import DtcCommand, PostgresSettings, read_settings, segmentation_option

STAGE_FOLDER = Path(__file__).resolve().parent


@click.command(cls=DtcCommand)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=STAGE_FOLDER.parent / ".local" / "data",
    show_default=".local/data",
    help="Where the survey files go.",
)
@segmentation_option
def create_months(folder: Path, segmentation: str | None) -> None:
    """Make January to May 2025 and ingest them into the table that the catalogue names."""
    from dtc_data.synthetic import create_shipped_waves  # noqa: PLC0415 - pandas takes long to import; see --help
    from dtc_data.tables import make_engine  # noqa: PLC0415 - likewise, and SQLAlchemy

    catalogue = find_segmentation(segmentation).catalogue
    create_shipped_waves(make_engine(read_settings(PostgresSettings)), catalogue, folder, click.echo)


if __name__ == "__main__":
    create_months()
