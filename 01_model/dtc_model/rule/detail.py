"""All that can be said about how a respondent was labelled, beside the label."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from dtc_model.rule.encoder import BoolArray, FloatArray
from dtc_model.rule.reference_distances import Reference
from dtc_model.rule.segment_model import INCOMPLETE, SegmentModel, as_answers, missing_answers

NO_FIT_PERCENTILE: Final = 99.5
"""A respondent further from the persona than this percentile of the reference wave's respondents does not fit."""


class LabelStatus(IntEnum):
    """What a label is worth."""

    LABELLED = 0
    """The respondent has a persona."""
    NO_FIT = 1
    """The nearest persona is given, but is further away than from almost everybody in the reference wave."""
    INCOMPLETE = 2
    """Too few answers: there is no persona."""


@dataclass(frozen=True)
class Detail:
    """One array per fact, each ``(n_units,)``; NaN where a fact is unknown or there is no persona."""

    positions: npt.NDArray[np.intp]
    """Position of the persona, as `SegmentModel.nearest` gives it."""
    distances: FloatArray
    """Distance in scaled units, over the answered features, times the root of all features by answered ones."""
    runner_ups: npt.NDArray[np.intp]
    """Position of the second nearest persona."""
    runner_up_distances: FloatArray
    margins: FloatArray
    """(d2 - d1) / d2: 0 between two personas, 1 on a centroid."""
    probabilities: FloatArray
    """Probability of the persona if all personas were equally frequent and spread alike in all directions."""
    fits: FloatArray
    """Percentile of the distance among the reference wave's respondents of that persona."""
    answered: npt.NDArray[np.intp]
    """Number of answered features."""
    statuses: npt.NDArray[np.int8]
    """A `LabelStatus` each."""


def describe(
    model: SegmentModel,
    answers: npt.ArrayLike,
    minimum_answered: int | None = None,
    no_fit_percentile: float = NO_FIT_PERCENTILE,
) -> Detail:
    """Label respondents as `SegmentModel.nearest` does, and say how clear and how typical each label is.

    The probability of persona i is exp(-d_i^2 / 2 s^2) / sum_j exp(-d_j^2 / 2 s^2): Bayes' rule for equally frequent
    personas with spherical normal distributions of the same spread s, as the reference wave shows it. The distances in
    it are those over the answered features, not rescaled, since a missing answer is not evidence.

    Parameters
    ----------
    model : SegmentModel
        Without a reference nothing is known about probability and fit.
    answers : array_like of shape (n_units, n_features)
        In the unit of the survey; NaN where one is missing.
    minimum_answered : int, optional
        See `SegmentModel.nearest`.
    no_fit_percentile : float
        Beyond which percentile of the reference respondents' distances somebody does not fit, from 0 to 100.

    Raises
    ------
    AnswersError
        If the answers cannot be labelled.
    """
    checked = as_answers(answers, model.feature_names)
    missing = missing_answers(checked, minimum_answered)
    positions = model.nearest(checked, minimum_answered)
    n_features = checked.shape[1]
    answered = np.full(len(checked), n_features) if missing is None else n_features - missing.sum(axis=1)
    first, second, evidence = (np.full(len(checked), np.nan) for _ in range(3))
    runner_ups = np.full(len(checked), INCOMPLETE, dtype=np.intp)
    spread = model.evidence_spread
    for rows, squares in model.squares(checked, missing):
        within = np.arange(squares.shape[1])
        chosen = positions[rows]
        first[rows] = squares[chosen, within]
        evidence[rows] = np.exp((squares.min(axis=0) - squares) / (2 * spread**2)).sum(axis=0)
        squares[chosen, within] = np.inf
        runner_ups[rows] = squares.argmin(axis=0)
        second[rows] = squares[runner_ups[rows], within]
    known, rescaled = positions != INCOMPLETE, np.full(len(checked), np.nan)
    runner_ups[~known] = INCOMPLETE
    rescaling = np.sqrt(np.divide(model.encoder.size, _answered_size(model, missing), out=rescaled, where=known))
    distances, runner_up_distances = np.sqrt(first) * rescaling, np.sqrt(second) * rescaling
    fits = model.reference.fit(positions, distances) if model.reference else np.full(len(checked), np.nan)
    return Detail(
        positions=positions,
        distances=distances,
        runner_ups=runner_ups,
        runner_up_distances=runner_up_distances,
        margins=_margins(distances, runner_up_distances),
        probabilities=np.where(known, 1 / evidence, np.nan),
        fits=fits,
        answered=answered,
        statuses=_statuses(known, fits > no_fit_percentile),
    )


def measure_reference(
    model: SegmentModel, wave: str, answers: npt.ArrayLike, minimum_answered: int | None = None
) -> Reference | None:
    """Sum up how far the respondents of a wave lie from their personas; whoever has none is left out.

    ``answers`` ``(n_units, n_features)`` and ``minimum_answered`` as for `describe`.

    Raises
    ------
    AnswersError
        If the answers cannot be labelled.
    """
    detail = describe(model, answers, minimum_answered)
    known = detail.positions != INCOMPLETE
    size = (len(model.segment_ids), model.encoder.size)
    return Reference.measure(wave, detail.positions[known], detail.distances[known], size)


def _answered_size(model: SegmentModel, missing: BoolArray | None) -> FloatArray | float:
    """Return how much of `Encoder.size` was answered, ``(n_units,)``."""
    return model.encoder.size if missing is None else (~missing) @ model.encoder.dimensions


def _margins(nearest: FloatArray, second: FloatArray) -> FloatArray:
    """Return 0 where both distances are 0, which can only be when answers are missing."""
    zero = np.where(np.isnan(second), np.nan, 0.0)
    return np.divide(second - nearest, second, out=zero, where=second > 0)


def _statuses(known: npt.NDArray[np.bool_], no_fit: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    return np.select([~known, no_fit], [LabelStatus.INCOMPLETE, LabelStatus.NO_FIT], LabelStatus.LABELLED).astype(
        np.int8
    )
