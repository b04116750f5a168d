"""A catalogue as it is drafted from a delivery: entries, and what was assumed about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

DIGITS: Final = 6
"""Decimals of a typical answer, more than any survey can tell."""


@dataclass(frozen=True)
class DraftedFeature:
    """One feature, and why it is written so."""

    entry: Mapping[str, Any]
    """Keys of the catalogue's feature."""
    assumed: str = ""
    """For whoever reads the file."""

    @property
    def name(self) -> str:
        """Name of the feature."""
        return str(self.entry["name"])


@dataclass(frozen=True)
class DraftedSegment:
    """One segment with its typical answers, in the order of the features."""

    entry: Mapping[str, Any]
    """Keys of the catalogue's segment, without the centroid."""
    centroid: Sequence[float | Mapping[str, float]]


@dataclass(frozen=True)
class CatalogueDraft:
    """All of it."""

    source: str
    """What it was made from."""
    features: Sequence[DraftedFeature]
    segments: Sequence[DraftedSegment]
    in_z_units: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    minimum_answered: int | None = None
    assumptions: Sequence[str] = ()
    """About the catalogue as a whole."""


def rounded(value: float) -> float:
    """Return a typical answer as it is written."""
    return round(float(value), DIGITS) + 0.0  # no -0.0
