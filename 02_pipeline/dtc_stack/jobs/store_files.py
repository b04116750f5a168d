"""A retailer's files on this machine: read into tables, with the report on what was wrong in them."""

from pathlib import Path

from dtc_data.stores import QualityReport, RefusedFilesError, RetailReading, read_retail


def read_store_files(layout: Path, folder: Path) -> RetailReading:
    """Check a retailer's files and write their tables, with quality.txt and quality.html also where they are refused.

    Raises
    ------
    RetailDataError
        If a file cannot be read, or they are refused.
    """
    try:
        reading = read_retail(layout, folder)
    except RefusedFilesError as error:
        _write(error.quality, folder)
        raise
    _write(reading.quality, folder)
    return reading


def _write(quality: QualityReport, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quality.txt").write_text(quality.text() + "\n", encoding="utf-8")
    (folder / "quality.html").write_text(quality.html(), encoding="utf-8")
