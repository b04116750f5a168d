"""How far the respondents of the wave that a model was made from lie from their personas."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.encoder import FloatArray
from dtc_model.rule.model_document import ReferenceEntry

PERCENTILES: Final[FloatArray] = np.linspace(0, 100, 201)
"""Percentiles at which distances are kept, every half."""


@dataclass(frozen=True, eq=False)
class Reference:
    """The distances of a wave's respondents to the nearest centroid, summed up."""

    wave: str
    spread: float
    """Standard deviation of a scaled feature about the centroid, taken as equal for all features and personas."""
    quantiles: tuple[FloatArray | None, ...]
    """Per persona, in order, the distances at `PERCENTILES`; None for a persona without respondents in the wave."""

    @classmethod
    def measure(
        cls, wave: str, positions: npt.NDArray[np.intp], distances: FloatArray, size: tuple[int, float]
    ) -> Self | None:
        """Sum up the distances of a wave.

        The spread is the maximum likelihood estimate for equal spherical normal distributions about fixed centroids: the
        mean of the squared distances, divided by the number of features (or what stands for it, `Encoder.size`).

        Parameters
        ----------
        wave : str
            Name of the wave.
        positions : ndarray of shape (n_units,)
            The nearest persona of each.
        distances : ndarray of shape (n_units,)
            To that persona, in scaled units.
        size : tuple of int and float
            Number of segments, and of features as `Encoder.size` counts them.

        Returns
        -------
        Reference or None
            None if there are no respondents, or all lie on their centroids.
        """
        n_segments, n_dimensions = size
        spread = float(np.sqrt(np.mean(distances**2) / n_dimensions)) if len(distances) else 0.0
        if not spread > 0:
            return None
        parts = [distances[positions == segment] for segment in range(n_segments)]
        return cls(wave, spread, tuple(np.percentile(part, PERCENTILES) if len(part) else None for part in parts))

    @classmethod
    def from_entry(cls, entry: ReferenceEntry) -> Self:
        """Take a reference out of a document."""
        quantiles = (None if distances is None else np.array(distances) for distances in entry.quantiles)
        return cls(entry.wave, entry.spread, tuple(quantiles))

    def to_entry(self) -> ReferenceEntry:
        """Return the reference as a part of a document."""
        quantiles = [None if distances is None else distances.tolist() for distances in self.quantiles]
        return ReferenceEntry(wave=self.wave, spread=self.spread, quantiles=quantiles)

    def check(self, n_segments: int) -> None:
        """Refuse quantiles that do not fit a model.

        Raises
        ------
        ModelBrokenError
            If they are for another number of personas or percentiles, or do not ascend.
        """
        if len(self.quantiles) != n_segments or not all(map(_is_ascending, self.quantiles)):
            raise ModelBrokenError(
                f"the model is broken: its reference needs {len(PERCENTILES)} ascending distances for each of "
                f"{n_segments} segments"
            )

    def fit(self, positions: npt.NDArray[np.intp], distances: FloatArray) -> FloatArray:
        """Return the percentile of each distance among the wave's respondents of that persona, ``(n_units,)``.

        It is interpolated between the kept percentiles; NaN for a persona without respondents in the wave.
        """
        fits = np.full(len(distances), np.nan)
        for segment, quantiles in enumerate(self.quantiles):
            if quantiles is not None:
                own = positions == segment
                fits[own] = np.interp(distances[own], quantiles, PERCENTILES)
        return fits


def _is_ascending(distances: Sequence[float] | FloatArray | None) -> bool:
    return distances is None or (len(distances) == len(PERCENTILES) and bool((np.diff(distances) >= 0).all()))
