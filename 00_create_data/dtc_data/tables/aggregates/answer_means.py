"""What the units of each segment answer on average, worked out by Postgres: for pages, which must not load a wave."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Table, Text, case, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from dtc_data.catalogue import Catalogue, Feature
from dtc_data.core import SEGMENT, SURVEY_WEIGHT, Wave
from dtc_data.tables.table_schema import has_weights, unit_table

NORMAL_95: Final = 1.959964
"""Standard errors to each side within which a mean lies with 95 % confidence (normal approximation)."""
SMALL: Final = 0.2
"""Difference in standard deviations from which on it is told, and `LARGE` from which on it is called large (Cohen,
"Statistical Power Analysis for the Behavioral Sciences", 1988)."""
LARGE: Final = 0.8

Size = Literal["much_lower", "lower", "alike", "higher", "much_higher"]


@dataclass(frozen=True)
class Difference:
    """How a mean differs from another one, in standard deviations of all units, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def size(self) -> Size:
        """Return a word for it; what chance explains, or is small, counts as alike."""
        if self.low <= 0 <= self.high or abs(self.value) < SMALL:
            return "alike"
        if self.value > 0:
            return "much_higher" if self.value >= LARGE else "higher"
        return "much_lower" if self.value <= -LARGE else "lower"


@dataclass(frozen=True)
class Mean:
    """The mean of one column over some units."""

    n: float
    """Units that answered; where they have weights, what they are worth by Kish's formula ("Survey Sampling", 1965)."""
    mean: float
    deviation: float
    """Standard deviation; 0 of a single answer."""

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return self.deviation / self.n**0.5 if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval of the mean."""
        return self.mean - NORMAL_95 * self.error, self.mean + NORMAL_95 * self.error

    def against(self, overall: "Mean") -> Difference:
        """Return the difference from the mean over all units, whose own error is left out: it is much the smaller one."""
        spread = overall.deviation or 1.0
        low, high = self.interval
        return Difference(*((value - overall.mean) / spread for value in (self.mean, low, high)))


@dataclass(frozen=True)
class SegmentMeans:
    """Means by the columns' names, which are those of `Catalogue.centroid_columns`.

    A category has a column for each of its values, whose mean is the value's share; a grade in words has the mean of its
    positions from 1. A column that nobody answered is left out.
    """

    overall: dict[str, Mean]
    """Over all units that have a segment."""
    by_segment: dict[int, dict[str, Mean]]
    """By the id of the segment."""


def segment_means(connection: Connection, catalogue: Catalogue, wave: Wave) -> SegmentMeans:
    """Return the means of a wave; empty if nobody in it has a segment.

    The table must be there, as `wave_counts` finds out.
    """
    weighted = has_weights(connection, catalogue.unit_table)
    table = unit_table(catalogue, catalogue.unit_table, weighted=weighted)
    weight = func.coalesce(table.c[SURVEY_WEIGHT], 1.0) if weighted else None
    columns = [column for feature in catalogue.features for column in _columns(table, feature)]
    figures = [figure for column in columns for figure in _figures(column, weight)]
    segment = table.c[SEGMENT]
    counted = (
        select(func.grouping(segment), segment, *(figure.label(f"f{place}") for place, figure in enumerate(figures)))
        .where(table.c.date >= wave.start, table.c.date < wave.end, segment.is_not(None))
        .group_by(func.rollup(segment))
    )
    overall: dict[str, Mean] = {}
    by_segment: dict[int, dict[str, Mean]] = {}
    for is_total, segment_id, *found in connection.execute(counted):
        means = _means(catalogue.centroid_columns, found)
        if is_total:
            overall = means
        else:
            by_segment[segment_id] = means
    return SegmentMeans(overall, by_segment)


def _columns(table: Table, feature: Feature) -> list[ColumnElement[Any]]:
    given = table.c[feature.name]
    if feature.type == "category":
        return [case((given.is_(None), None), (given == value, 1.0), else_=0.0) for value in feature.values]
    if feature.in_words:
        return [func.array_position(cast(array(feature.values), ARRAY(Text)), given)]
    return [given]


def _figures(column: ColumnElement[Any], weight: ColumnElement[Any] | None) -> tuple[ColumnElement[Any], ...]:
    """Return the number of answers, their mean and their standard deviation."""
    if weight is None:
        return func.count(column), func.avg(column), func.stddev_samp(column)
    given = case((column.is_not(None), weight))
    total = func.nullif(func.sum(given), 0)
    mean = func.sum(given * column) / total
    variance = func.sum(given * column * column) / total - mean * mean
    return total * total / func.sum(given * given), mean, func.sqrt(func.greatest(variance, 0.0))


def _means(names: tuple[str, ...], found: list[Any]) -> dict[str, Mean]:
    triples = zip(names, found[::3], found[1::3], found[2::3], strict=True)
    return {
        name: Mean(float(n), float(mean), float(deviation or 0.0))
        for name, n, mean, deviation in triples
        if mean is not None
    }
