"""Where things stand in the drawings of centroids: one drawing per persona, a row per feature, production next to candidate.

The drawings are as wide as a phone, so that letters keep their size there; a wide page shows several next to each other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dtc_monitoring.report.report_content import Profile, ReportContent

WIDTH: Final = 340
LETTER: Final = 7.4
"""Width of a letter of a label, on the safe side."""
RIGHT: Final = 14
TOP: Final = 8
ROW: Final = 21
BOTTOM: Final = 26
DRAWN_FEATURES: Final = 30
"""Most features in a drawing: those that moved most; the table has all."""
LONGEST_LABEL: Final = 12


@dataclass(frozen=True)
class Row:
    """One feature of one persona; positions in the drawing's units."""

    name: str
    label: str
    y: float
    production: float | None
    candidate: float | None


@dataclass(frozen=True)
class Tick:
    """A line of the scale."""

    x: float
    label: str


@dataclass(frozen=True)
class ProfileChart:
    """The drawing of one persona."""

    segment: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    left: float
    """Where the labels end."""
    height: float


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    left: float

    @classmethod
    def of(cls, values: Sequence[float], left: float) -> "_Scale":
        low, high = min(values, default=0.0), max(values, default=1.0)
        margin = 0.04 * (high - low) or 1.0
        return cls(low - margin, high + margin, left)

    def x(self, value: float) -> float:
        return round(self.left + (value - self.low) / (self.high - self.low) * (WIDTH - self.left - RIGHT), 1)

    def ticks(self) -> tuple[Tick, ...]:
        """Return three to six round numbers."""
        rough = (self.high - self.low) / 4
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * part for part in (1, 2, 5, 10) if power * part >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        digits = max(6, len(str(max(abs(first), abs(last)))))  # enough to tell neighbours apart far from 0
        return tuple(Tick(self.x(n * step), f"{n * step:.{digits + 1}g}") for n in range(first, last + 1))


def profile_charts(content: ReportContent) -> tuple[ProfileChart, ...]:
    """Lay out the drawings, all on the same scale and with the same features, so that they can be compared."""
    profiles = content.profiles
    positions = drawn_features(profiles, len(content.feature_names))
    drawn = [
        centroid[position]
        for profile in profiles
        for centroid in (profile.production, profile.candidate)
        if centroid is not None
        for position in positions
    ]
    longest = max((len(_label(content.feature_names[position])) for position in positions), default=0)
    scale = _Scale.of(drawn, 22 + LETTER * longest)
    height = TOP + ROW * len(positions) + BOTTOM
    return tuple(
        ProfileChart(
            profile.segment, tuple(_rows(profile, positions, content, scale)), scale.ticks(), scale.left, height
        )
        for profile in profiles
    )


def drawn_features(profiles: Sequence[Profile], n_features: int) -> list[int]:
    """Choose the features to draw, in the catalogue's order: of too many those that moved most for any persona."""
    moved = [0.0] * n_features
    for profile in profiles:
        if profile.production is not None and profile.candidate is not None:
            for position in range(n_features):
                way = abs(profile.candidate[position] - profile.production[position])
                moved[position] = max(moved[position], way)
    most = sorted(range(n_features), key=lambda position: -moved[position])[:DRAWN_FEATURES]
    return sorted(most)


def _rows(profile: Profile, positions: Sequence[int], content: ReportContent, scale: _Scale) -> list[Row]:
    rows = []
    for number, position in enumerate(positions):
        name = content.feature_names[position]
        ends = [None if c is None else scale.x(c[position]) for c in (profile.production, profile.candidate)]
        rows.append(Row(name, _label(name), TOP + ROW * (number + 0.5), *ends))
    return rows


def _label(name: str) -> str:
    """Shorten a name in the middle: questions often begin alike."""
    return name if len(name) <= LONGEST_LABEL else f"{name[:5]}…{name[5 - LONGEST_LABEL + 1 :]}"
