"""Factor analysis of mixed data: the axes along which units differ most, numbers and categories counted alike."""

from typing import Final

import numpy as np

from dtc_model.clustering.training_units import TrainingUnits
from dtc_model.rule import FloatArray, MixedUnits, Projection, weighted_columns

MOST_COMPONENTS: Final = 8
"""Axes that are kept at most."""
_NOTHING: Final = 1e-9


def learn_projection(units: TrainingUnits, encoded: MixedUnits, n_components: int = MOST_COMPONENTS) -> Projection:
    """Return the projection on the first principal axes (Pagès, Revue de Statistique Appliquée 52 (2004) 93-111).

    Parameters
    ----------
    units : TrainingUnits
        Gives means, spreads and shares, which the projection keeps.
    encoded : MixedUnits
        The same units before they were standardised.
    n_components : int
        Axes that are kept at most; those along which nothing varies are not.
    """
    shares = units.level_shares
    columns = weighted_columns(encoded, units.centres, units.spreads, shares)
    values, vectors = np.linalg.eigh(columns.T @ columns / len(columns))
    order = np.argsort(-values)[:n_components]
    kept = order[values[order] > _NOTHING * values.max()]
    return Projection(units.centres, units.spreads, shares, _signed(vectors[:, kept]))


def _signed(axes: FloatArray) -> FloatArray:
    """Return axes whose largest entry is positive, so that the same units always have the same coordinates."""
    largest = np.abs(axes).argmax(axis=0)
    signed: FloatArray = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    return signed
