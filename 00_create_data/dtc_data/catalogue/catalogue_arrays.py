"""A catalogue's numbers as arrays, computed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from dtc_data.catalogue.catalogue_schema import Feature, Segment
from dtc_data.catalogue.number_scale import FloatArray
from dtc_data.catalogue.typical_answers import centroid_matrix


@dataclass(frozen=True, eq=False)
class CatalogueArrays:
    """Arrays that cannot be written to; they follow from the entries, so they tell no two catalogues apart."""

    scales: FloatArray
    """Divisors of the centroids' columns, ``(n_columns,)``."""
    limits: FloatArray
    """Smallest and largest valid answers, ``(2, n_features)``."""
    centroids: FloatArray
    """In the unit of the answers, ``(n_segments, n_columns)``."""

    @classmethod
    def of(cls, features: Sequence[Feature], segments: Sequence[Segment], *, in_z_units: bool) -> Self:
        """Compute them from the entries of a catalogue."""
        scales = np.concatenate([feature.divisors for feature in features])
        limits = np.array([feature.limits for feature in features]).T
        arrays = cls(scales, limits, centroid_matrix(segments, features, in_z_units=in_z_units))
        for array in (arrays.scales, arrays.limits, arrays.centroids):
            array.setflags(write=False)
        return arrays

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CatalogueArrays)

    def __hash__(self) -> int:
        return hash(CatalogueArrays)
