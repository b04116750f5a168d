"""Ingest the files of a retailer by a retail.yaml: check them, treat what is wrong, write the tables."""

from pathlib import Path

import click
from dtc_data.core import DtcCommand
from dtc_data.stores import QualityReport, RefusedFilesError, read_retail


@click.command(cls=DtcCommand)
@click.argument("layout", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def ingest_retail(layout: Path, folder: Path) -> None:
    """Read the files that LAYOUT names, and write the tables into FOLDER.

    FOLDER also gets quality.txt and quality.html, with what failed by check, counts and the first rows; these two even if the
    files are refused.
    """
    try:
        reading = read_retail(layout, folder)
    except RefusedFilesError as error:
        _write(error.quality, folder)
        raise
    _write(reading.quality, folder)
    click.echo(reading.quality.text())
    click.echo(f"{folder}: written, with quality.txt and quality.html")


def _write(quality: QualityReport, folder: Path) -> None:
    (folder / "quality.txt").write_text(quality.text() + "\n", encoding="utf-8")
    (folder / "quality.html").write_text(quality.html(), encoding="utf-8")


if __name__ == "__main__":
    ingest_retail()
