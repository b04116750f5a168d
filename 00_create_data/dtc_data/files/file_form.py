"""What may be said about how a file is written, where it cannot be found out or was found out wrongly."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class FileForm:
    """How a file is written; what is None is found out."""

    encoding: str | None = None
    """Of a CSV file, as Python calls it: utf-8, utf-16, latin-1."""
    delimiter: str | None = None
    """Between the cells of a CSV file."""
    decimal: Literal[".", ","] | None = None
    """In numbers that are written as text."""
    sheet: str | None = None
    """Of an Excel file; if not given, the one with most of the expected columns."""
