"""Squared distances from units to centroids, the arithmetic below every label."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from dtc_model.rule.encoder import BoolArray, Encoder, FloatArray

_CHUNK_DIFFERENCES: Final = 2**16
"""Differences (units x coordinates x centroids) held at a time, so that they stay in the processor's cache."""


def squared_distances(
    answers: FloatArray, encoder: Encoder, targets: FloatArray, missing: BoolArray | None = None
) -> Iterator[tuple[slice, FloatArray]]:
    """Return squared distances between coordinates, over the answered features, chunk by chunk.

    Differences are squared and added coordinate by coordinate. The expansion |x|^2 - 2xc + |c|^2 would need less work, but
    cancels for units far from the origin, and a matrix product may depend on how many rows it is given.

    Parameters
    ----------
    answers : ndarray of shape (n_units, n_features)
        In the unit of the answers, categories as codes.
    encoder : Encoder
        Turns them into coordinates.
    targets : ndarray of shape (n_coordinates, n_centroids)
        Encoded centroids, at least two: with one, NumPy would be free to add in another order.
    missing : ndarray of shape (n_units, n_features), optional
        True where no answer was given; such a feature adds nothing.

    Yields
    ------
    tuple of slice and ndarray of shape (n_centroids, n_rows)
        Which units, and their squared distances.

    Raises
    ------
    AnswersError
        If an answer cannot be used, see `Encoder.columns`; nothing is guessed.
    """
    for rows in _chunks(answers, encoder, targets, missing):
        yield rows, np.add.reduce(_squares(answers, rows, encoder, targets, missing), axis=0)


def squares_by_feature(
    answers: FloatArray, encoder: Encoder, targets: FloatArray, missing: BoolArray | None = None
) -> Iterator[tuple[slice, FloatArray]]:
    """Return what each feature adds to the squared distances, ``(n_features, n_centroids, n_rows)`` chunk by chunk.

    Where a projection mixes them, each answered feature gets its part by `Encoder.dimensions`. Parameters and errors as
    `squared_distances`.
    """
    parts = encoder.dimensions / encoder.dimensions.sum()
    for rows in _chunks(answers, encoder, targets, missing):
        differences = _squares(answers, rows, encoder, targets, missing)
        if encoder.projection is None:
            yield rows, np.add.reduceat(differences, encoder.starts[:-1], axis=0)
        else:
            yield rows, parts[:, None, None] * np.add.reduce(differences, axis=0)


def _chunks(answers: FloatArray, encoder: Encoder, targets: FloatArray, missing: BoolArray | None) -> Iterator[slice]:
    """Return the rows of each chunk, once it is clear that answers may be missing where they are."""
    if missing is not None:
        encoder.refuse_missing(missing)
    step = max(1, _CHUNK_DIFFERENCES // targets.size)
    for start in range(0, len(answers), step):
        yield slice(start, min(start + step, len(answers)))


def _squares(
    answers: FloatArray, rows: slice, encoder: Encoder, targets: FloatArray, missing: BoolArray | None
) -> FloatArray:
    """Return the squared differences of some units in each coordinate, ``(n_coordinates, n_centroids, n_rows)``."""
    given = answers[rows] if missing is None else np.where(missing[rows], 0.0, answers[rows])
    coordinates = encoder.project(encoder.columns(given, rows.start))
    differences: FloatArray = coordinates[:, None, :] - targets[:, :, None]
    differences *= differences
    if missing is not None:
        differences *= ~missing[rows].T[encoder.feature_of_column][:, None, :]
    return differences
