"""Factor analysis of mixed data as a fixed projection, with the means and shares of the units that it was made from."""

from dataclasses import dataclass

import numpy as np

from dtc_model.rule.encoder import FloatArray
from dtc_model.rule.mixture.mixed_features import UNKNOWN, IndexArray, MixedUnits


@dataclass(frozen=True, eq=False)
class Projection:
    """Numbers by their spreads and categories by their shares, projected on principal axes.

    A number enters as (x - mean) / spread, each level of a category as (indicator - share) / sqrt(share) (Pagès, Revue de
    Statistique Appliquée 52 (2004) 93-111). Means, spreads, shares and axes are those of training: shares worked out again
    from the units at hand would move a single store to wherever one store has all of everything.
    """

    means: FloatArray
    """Of the encoded numbers, ``(n_numbers,)``."""
    spreads: FloatArray
    """Standard deviations of the encoded numbers, ``(n_numbers,)``."""
    shares: tuple[FloatArray, ...]
    """Per category, the share of each level, above 0."""
    axes: FloatArray
    """``(n_columns, n_components)``."""

    def columns(self, units: MixedUnits) -> FloatArray:
        """Return the columns before they are projected, ``(n_units, n_columns)``; 0, the mean, where a value is missing."""
        return weighted_columns(units, self.means, self.spreads, self.shares)

    def project(self, units: MixedUnits) -> FloatArray:
        """Return the coordinates on the axes, ``(n_units, n_components)``.

        They are added column by column: a matrix product may depend on how many units it is given.
        """
        columns = self.columns(units)
        coordinates = np.zeros((len(columns), self.axes.shape[1]))
        for column, axis in zip(columns.T, self.axes, strict=True):
            coordinates += column[:, None] * axis
        return coordinates


def weighted_columns(
    units: MixedUnits, means: FloatArray, spreads: FloatArray, shares: tuple[FloatArray, ...]
) -> FloatArray:
    """Return numbers and weighted indicators side by side, ``(n_units, n_columns)``; see `Projection`."""
    numbers = (units.numbers - means) / spreads
    numbers[np.isnan(numbers)] = 0.0
    indicators = [_indicators(units.codes[:, category], share) for category, share in enumerate(shares)]
    return np.ascontiguousarray(np.hstack([numbers, *indicators]))


def _indicators(codes: IndexArray, shares: FloatArray) -> FloatArray:
    indicators = (codes[:, None] == np.arange(len(shares))).astype(np.float64)
    weighted: FloatArray = (indicators - shares) / np.sqrt(shares)
    weighted[codes == UNKNOWN] = 0.0
    return weighted
