"""The segments of one segmentation: what its units answer, which are most like it, and how many they are from wave to wave."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from dtc_data.catalogue import Catalogue, Feature, Segment, Segmentation, answer_matrix
from dtc_data.core import UNIT_ID, Wave, WaveError
from dtc_data.tables import Difference, Mean, SegmentMeans, WaveCounts, segment_means, transaction, units_of_segment
from dtc_model.drawing import colour
from dtc_model.rule import SegmentModel, describe
from sqlalchemy import Engine

from dtc_dashboard.queries.overview import counts_of
from dtc_dashboard.queries.sources import Sources

SHOWN: Final = 5
"""Units that are shown."""
LOOKED_AT: Final = 2_000
"""Units among which the most typical are looked for, whatever the wave's size."""


@dataclass(frozen=True)
class ProfileLine:
    """One feature of a segment against the average; for a category one of its values."""

    feature: Feature
    column: str
    """Name of the column, ``region = north`` for a category."""
    own: Mean
    overall: Mean
    other: Mean | None
    """Of the segment that it is compared with."""

    @property
    def difference(self) -> Difference:
        """How the segment differs from the average."""
        return self.own.against(self.overall)

    @property
    def value(self) -> str:
        """The value of a category; empty for other features."""
        return self.column.removeprefix(f"{self.feature.name} = ") if self.feature.type == "category" else ""

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.feature.title} = {self.value}" if self.value else self.feature.title

    @property
    def is_share(self) -> bool:
        """Whether the mean is a share of the units."""
        return self.feature.type in {"category", "yes_no"} or self.feature.limits == (0.0, 1.0)

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval of the segment's mean; that of a share stays between 0 and 1."""
        low, high = self.own.interval
        return (max(low, 0.0), min(high, 1.0)) if self.is_share else (low, high)


@dataclass(frozen=True)
class TypicalUnit:
    """One unit with its answers."""

    unit_id: str
    answers: dict[str, Any]
    """By feature, as the table has them."""
    distance: float
    """From the centroid, in scaled units."""


@dataclass(frozen=True)
class Profile:
    """What the units of a segment answer in a wave."""

    wave: Wave
    lines: tuple[ProfileLine, ...]
    """The largest difference first."""
    typical: tuple[TypicalUnit, ...]


def segment_colours(catalogue: Catalogue) -> dict[int, str]:
    """Return the colour of each segment by its id: the catalogue's own, else that of its position."""
    return {segment.id: segment.colour or colour(position) for position, segment in enumerate(catalogue.segments)}


def labelled_waves(sources: Sources, segmentation: Segmentation) -> list[WaveCounts]:
    """Return the waves in which units have a segment, the earliest first."""
    return [found for found in counts_of(sources, segmentation) if found.labelled]


def profile(
    sources: Sources, segmentation: Segmentation, segment: Segment, wave: Wave, other: Segment | None = None
) -> Profile:
    """Return what sets a segment apart in a wave.

    Raises
    ------
    WaveError
        If nobody in the wave has the segment.
    """
    catalogue = segmentation.catalogue
    means = _means(sources, segmentation, wave)
    if segment.id not in means.by_segment:
        units = catalogue.words.units
        raise WaveError(f"wave {wave}: no {units} have the {catalogue.words.segment} {segment.name!r}")
    lines = [line for feature in catalogue.features for line in _lines(feature, means, segment, other)]
    lines.sort(key=lambda line: -abs(line.difference.value))
    typical = sources.prepared(
        segmentation,
        ("typical", str(wave), str(segment.id)),
        lambda: typical_units(sources.engine, catalogue, segment, wave),
    )
    return Profile(wave, tuple(lines), typical)


def _means(sources: Sources, segmentation: Segmentation, wave: Wave) -> SegmentMeans:
    def read() -> SegmentMeans:
        with transaction(sources.engine) as connection:
            return segment_means(connection, segmentation.catalogue, wave)

    return sources.prepared(segmentation, ("means", str(wave)), read)


def _lines(feature: Feature, means: SegmentMeans, segment: Segment, other: Segment | None) -> list[ProfileLine]:
    own, rival = means.by_segment[segment.id], means.by_segment.get(other.id, {}) if other else {}
    return [
        ProfileLine(feature, name, own[name], means.overall[name], rival.get(name))
        for name in feature.column_names
        if name in own and name in means.overall
    ]


def typical_units(engine: Engine, catalogue: Catalogue, segment: Segment, wave: Wave) -> tuple[TypicalUnit, ...]:
    """Return the units of a segment in a wave that lie nearest to its centroid, the nearest first."""
    with transaction(engine) as connection:
        units = units_of_segment(connection, catalogue, wave, segment.id, LOOKED_AT)
    if units.empty:
        return ()
    model = SegmentModel.from_catalogue(catalogue)
    position = catalogue.segment_ids.index(segment.id)
    answers = answer_matrix(units, catalogue.features)
    detail = describe(model, answers, catalogue.minimum_answered)
    distances = np.where(detail.positions == position, detail.distances, np.inf)
    nearest = np.argsort(distances, kind="stable")[:SHOWN]
    names = list(catalogue.feature_names)
    return tuple(
        TypicalUnit(str(units[UNIT_ID].iloc[row]), dict(units[names].iloc[row]), float(distances[row]))
        for row in nearest.tolist()
        if np.isfinite(distances[row])
    )
