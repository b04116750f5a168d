"""What a person may say about a survey file, where it cannot be found out or was found out wrongly."""

from dataclasses import dataclass
from typing import Literal

from dtc_data.core import Wave
from dtc_data.files import FileForm


@dataclass(frozen=True)
class FileOptions(FileForm):
    """How a survey file is written and read; what is None is found out."""

    date_order: Literal["day", "month"] | None = None
    """Which comes first in dates like 01/02/2025."""
    wave: Wave | None = None
    """The month of all units, for a file that has no dates."""
    allow: frozenset[str] = frozenset()
    """Names of the kinds of problem that may pass (`dtc_data.surveys.survey_problems.Kind`)."""
