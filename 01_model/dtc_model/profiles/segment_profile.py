"""What sets each segment apart: numbers, categories, and the units that are most and least like it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import t as student

from dtc_model.rule import FloatArray, IntArray, MixtureModel, as_numbers, describe_mixture, level_names

CONFIDENCE: Final = 0.95
SHOWN_UNITS: Final = 5
"""Units that are named as typical and as untypical."""
_FEWEST: Final = 2


@dataclass(frozen=True)
class NumberDifference:
    """How a number differs between a segment and all other units."""

    feature: str
    mean: float
    """Of the segment, in the unit of the feature."""
    others: float
    """Mean of the other units."""
    difference: float
    """Of the means, in standard deviations of all units."""
    low: float
    """Lower end of its confidence interval; NaN with fewer than two units on a side."""
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out no difference."""
        return self.low > 0 or self.high < 0


VERY_FAR: Final = 2.0
"""Standard deviations from which a mean is very high or very low."""


@dataclass(frozen=True)
class LevelShare:
    """A level of a category that is more frequent in a segment than among all units."""

    feature: str
    level: str
    share: float
    """Of the segment's units."""
    overall: float
    """Of all units."""
    low: float
    """Lower end of the confidence interval of the segment's share."""


@dataclass(frozen=True)
class SegmentProfile:
    """What sets a segment apart."""

    segment_id: int
    name: str
    n_units: int
    share: float
    numbers: tuple[NumberDifference, ...]
    """The largest difference first."""
    levels: tuple[LevelShare, ...]
    """Levels that are clearly over-represented, the largest ratio first."""
    typical: tuple[Any, ...]
    """Ids of the units that are most like the segment."""
    untypical: tuple[Any, ...]
    """Ids of the units that are least like it, though they have its label."""

    @property
    def words(self) -> str:
        """Say what sets it apart, the clearest first."""
        return self.said({})

    def said(self, labels: Mapping[str, str]) -> str:
        """Return `words` with features by their labels, where they have one."""
        called = {name: in_sentence(label) for name, label in labels.items()}
        numbers = [
            f"{'very ' if abs(one.difference) >= VERY_FAR else ''}{'high' if one.difference > 0 else 'low'} {called.get(one.feature, one.feature)}"
            for one in self.numbers
            if one.is_clear
        ]
        levels = [
            f"{called.get(one.feature, one.feature)} {one.level.replace('_', ' ')} ({one.share:.0%} of them, {one.overall:.0%} of all)"
            for one in self.levels
        ]
        return ", ".join([*numbers[:3], *levels[:3]]) or "nothing clearly sets it apart"


def in_sentence(label: str) -> str:
    """Return a label as it stands within a sentence: ``Share of toys`` begins small, ``VAT`` does not."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def profile_segments(features: pd.DataFrame, labels: IntArray, document: MixtureModel) -> list[SegmentProfile]:
    """Return the profile of each segment that has units, in the order of the document.

    Differences are between the segment and all other units, in standard deviations of all, with Welch's interval (Biometrika
    34 (1947) 28-35). They describe the units that the segments were found in: features that made the segments differ
    between them by construction, so an interval tells how exactly a difference is known and tests nothing.

    Parameters
    ----------
    features : DataFrame of shape (n_units, n_features)
        With the document's features; other columns are described as well.
    labels : ndarray of shape (n_units,)
        Segment ids, below 0 for none.
    document : MixtureModel
    """
    names = [str(name) for name in features.columns]
    numbers = {name: as_numbers(features[name], name) for name in names if _is_number(features[name])}
    categories = {name: np.array(level_names(features[name]), dtype=object) for name in names if name not in numbers}
    fits = describe_mixture(document, features).fits
    profiles = []
    for id_, name in zip(document.segment_ids, document.segment_names, strict=True):
        own = labels == id_
        if not own.any():
            continue
        typical, untypical = _examples(features.index[own], fits[own])
        profiles.append(
            SegmentProfile(
                segment_id=id_,
                name=name,
                n_units=int(own.sum()),
                share=float(own.mean()),
                numbers=_differences(numbers, own),
                levels=_levels(categories, own),
                typical=typical,
                untypical=untypical,
            )
        )
    return profiles


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _differences(
    numbers: dict[str, FloatArray], own: "np.ndarray[Any, np.dtype[np.bool_]]"
) -> tuple[NumberDifference, ...]:
    found = [_difference(name, values[own], values[~own]) for name, values in numbers.items()]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: -abs(one.difference)))


def _difference(feature: str, own: FloatArray, others: FloatArray) -> NumberDifference | None:
    own, others = own[~np.isnan(own)], others[~np.isnan(others)]
    spread = float(np.concatenate([own, others]).std())
    if not len(own) or not len(others) or spread == 0:
        return None
    difference = float(own.mean() - others.mean())
    half = _half_width(own, others)
    return NumberDifference(
        feature,
        float(own.mean()),
        float(others.mean()),
        difference / spread,
        (difference - half) / spread,
        (difference + half) / spread,
    )


def _half_width(own: FloatArray, others: FloatArray) -> float:
    if min(len(own), len(others)) < _FEWEST:
        return float("nan")
    parts = np.array([own.var(ddof=1) / len(own), others.var(ddof=1) / len(others)])
    if not parts.sum() > 0:
        return 0.0
    freedom = parts.sum() ** 2 / (parts**2 / np.array([len(own) - 1, len(others) - 1])).sum()
    return float(student.ppf((1 + CONFIDENCE) / 2, freedom) * np.sqrt(parts.sum()))


def _levels(
    categories: dict[str, "np.ndarray[Any, np.dtype[np.object_]]"], own: "np.ndarray[Any, np.dtype[np.bool_]]"
) -> tuple[LevelShare, ...]:
    found = []
    for feature, values in categories.items():
        known = np.array([value is not None for value in values])
        n_own = int((known & own).sum())
        if not n_own:
            continue
        for level in sorted(set(values[known])):
            has = values == level
            share, overall = float((has & own).sum() / n_own), float(has.sum() / known.sum())
            low = _wilson_low(share, n_own)
            if low > overall:
                found.append(LevelShare(feature, level, share, overall, low))
    return tuple(sorted(found, key=lambda one: -one.share / one.overall))


def _wilson_low(share: float, n_units: int) -> float:
    """Return the lower end of Wilson's interval (Journal of the American Statistical Association 22 (1927) 209-212)."""
    z = float(student.ppf((1 + CONFIDENCE) / 2, np.inf))
    centre = share + z**2 / (2 * n_units)
    half = z * np.sqrt(share * (1 - share) / n_units + z**2 / (4 * n_units**2))
    return float((centre - half) / (1 + z**2 / n_units))


def _examples(ids: "pd.Index[Any]", fits: FloatArray) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    order = np.argsort(np.nan_to_num(fits, nan=50.0), kind="stable")
    return tuple(ids[order[:SHOWN_UNITS]]), tuple(ids[order[::-1][:SHOWN_UNITS]])
