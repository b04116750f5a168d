"""What a person may say about a file, where it cannot be found out or was found out wrongly."""

from dataclasses import dataclass
from typing import Literal

from dtc_data.core import Wave


@dataclass(frozen=True)
class FileOptions:
    """How a survey file is read; what is None is found out."""

    encoding: str | None = None
    """Of a CSV file, as Python calls it: utf-8, utf-16, latin-1."""
    delimiter: str | None = None
    """Between the cells of a CSV file."""
    decimal: Literal[".", ","] | None = None
    """In numbers that are written as text."""
    sheet: str | None = None
    """Of an Excel file; if not given, the one with most of the catalogue's columns."""
    date_order: Literal["day", "month"] | None = None
    """Which comes first in dates like 01/02/2025."""
    wave: Wave | None = None
    """The month of all units, for a file that has no dates."""
    allow: frozenset[str] = frozenset()
    """Names of the kinds of problem that may pass (`dtc_data.surveys.survey_problems.Kind`)."""
