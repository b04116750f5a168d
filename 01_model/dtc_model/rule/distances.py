"""Squared distances from respondents to centroids, the arithmetic below every label."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import LARGEST_SCALED

from dtc_model.errors import AnswersError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_CHUNK_DIFFERENCES: Final = 2**16
"""Differences (respondents x features x centroids) held at a time, so that they stay in the processor's cache."""


def as_answers(answers: npt.ArrayLike, feature_names: Sequence[str]) -> FloatArray:
    """Give answers as a matrix of doubles ``(n_units, n_features)``.

    Raises
    ------
    AnswersError
        If they are no numbers or have another shape.
    """
    array = np.asarray(answers)
    if array.dtype.kind not in "biuf":
        raise AnswersError(f"answers are of type {array.dtype}: give numbers")
    if array.shape != (len(array) if array.ndim else 0, len(feature_names)):
        raise AnswersError(
            f"answers have the shape {array.shape}: give one row per respondent with {len(feature_names)} features, "
            f"in the order {', '.join(feature_names)}"
        )
    return array.astype(np.float64, copy=False)


def scale_answers(
    answers: FloatArray, scales: FloatArray, feature_names: Sequence[str], first_row: int = 0
) -> FloatArray:
    """Divide answers by their scales and turn them, ``(n_features, n_units)``.

    Raises
    ------
    AnswersError
        If an answer is not finite, or larger than ``LARGEST_SCALED`` times its scale; the message names row (counted
        from ``first_row``) and feature.
    """
    scaled = np.empty(answers.shape[::-1])
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
        np.divide(answers.T, scales[:, None], out=scaled)
    # Two comparisons refuse all: a NaN makes them false as well.
    if scaled.size and not (scaled.min() >= -LARGEST_SCALED and scaled.max() <= LARGEST_SCALED):
        row, column = np.argwhere(~(np.abs(scaled.T) <= LARGEST_SCALED))[0]
        raise _wrong_answer(first_row + row, feature_names[column], answers[row, column], scales[column])
    return scaled


def squared_distances(
    answers: FloatArray,
    scales: FloatArray,
    targets: FloatArray,
    feature_names: Sequence[str],
    missing: BoolArray | None = None,
) -> Iterator[tuple[slice, FloatArray]]:
    """Give squared distances in scaled space, over the answered features, chunk by chunk.

    Differences are squared and added feature by feature. The expansion |x|^2 - 2xc + |c|^2 would need less work, but
    cancels for respondents far from the origin, and a matrix product may depend on how many rows it is given.

    Parameters
    ----------
    answers : ndarray of shape (n_units, n_features)
        In the unit of the survey.
    scales : ndarray of shape (n_features,)
        Divisors of the answers.
    targets : ndarray of shape (n_features, n_centroids)
        Scaled centroids, at least two: with one, NumPy would be free to add in another order.
    feature_names : sequence of str
        For messages.
    missing : ndarray of shape (n_units, n_features), optional
        True where no answer was given; such a feature adds nothing.

    Yields
    ------
    tuple of slice and ndarray of shape (n_centroids, n_rows)
        Which respondents, and their squared distances.

    Raises
    ------
    AnswersError
        If an answer cannot be used, see `scale_answers`; nothing is guessed.
    """
    step = max(1, _CHUNK_DIFFERENCES // targets.size)
    for start in range(0, len(answers), step):
        rows = slice(start, min(start + step, len(answers)))
        given = answers[rows] if missing is None else np.where(missing[rows], 0.0, answers[rows])
        scaled = scale_answers(given, scales, feature_names, start)
        differences = scaled[:, None, :] - targets[:, :, None]
        differences *= differences
        if missing is not None:
            differences *= ~missing[rows].T[:, None, :]
        yield rows, np.add.reduce(differences, axis=0)


def _wrong_answer(row: int, feature: str, value: float, scale: float) -> AnswersError:
    why = "is too large" if np.isfinite(value) else "is not a finite number"
    return AnswersError(
        f"row {row} (counted from 0), feature {feature!r}: {value:g} {why}; "
        f"answers must lie between {-LARGEST_SCALED * scale:g} and {LARGEST_SCALED * scale:g}"
    )
