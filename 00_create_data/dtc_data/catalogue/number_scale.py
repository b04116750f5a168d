"""How a number enters the distance: turned, transformed, centred and divided, and the way back."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

LARGEST_SCALED: Final = 1e12
"""Largest size of an answer divided by its scale; neighbouring doubles there are 0.0001 apart, beyond it too coarse."""

Transform = Literal["log1p", "quantile"]


@dataclass(frozen=True, eq=False)
class NumberScale:
    """One feature's way from the unit of the answers to scaled units."""

    centre: float = 0.0
    """Taken off after the transformation."""
    divisor: float = 1.0
    turned_about: float | None = None
    """Smallest plus largest answer of a reversed feature; None if it is not reversed."""
    transform: Transform | None = None
    quantiles: FloatArray | None = None
    """Ascending answers of the wave that the quantiles were taken from, evenly spaced in rank."""

    def scaled(self, answers: FloatArray) -> FloatArray:
        """Return answers in scaled units; what cannot be transformed becomes NaN.

        A quantile is the share of the training answers below, and the mean of both ends where many gave the same answer,
        as `sklearn.preprocessing.QuantileTransformer` computes it.
        """
        values = answers if self.turned_about is None else self.turned_about - answers
        if self.transform == "log1p":
            values = np.log1p(values)
        elif self.transform == "quantile":
            values = self._ranks(values)
        return (values - self.centre) / self.divisor

    def answers(self, scaled: FloatArray) -> FloatArray:
        """Return the answers to which scaled values belong; of a flat piece of the quantiles its end."""
        values = scaled * self.divisor + self.centre
        if self.transform == "log1p":
            values = np.expm1(values)
        elif self.transform == "quantile":
            values = np.interp(values, *self._ladder()[::-1])
        return values if self.turned_about is None else self.turned_about - values

    def _ranks(self, values: FloatArray) -> FloatArray:
        quantiles, ranks = self._ladder()
        from_below = np.interp(values, quantiles, ranks)
        from_above = -np.interp(-values, -quantiles[::-1], -ranks[::-1])
        inside = (values > quantiles[0]) & (values < quantiles[-1])  # at both ends the rank is the outermost
        return np.where(inside, 0.5 * (from_below + from_above), from_below * (values >= quantiles[-1]))

    def _ladder(self) -> tuple[FloatArray, FloatArray]:
        quantiles = np.zeros(2) if self.quantiles is None else self.quantiles
        return quantiles, np.linspace(0.0, 1.0, len(quantiles))
