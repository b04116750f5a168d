"""One way to cut units into segments, whatever method found it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from dtc_model.rule import FloatArray, IndexArray, MixedFeature, MixtureModel, MixtureParameters, Projection

Method = Literal["kmeans", "mixture", "stepmix", "famd_kmeans", "famd_hdbscan"]

Recluster = Callable[[npt.NDArray[np.intp], int], npt.NDArray[np.integer[Any]]]
"""Finds the segments of the units of these rows again, from this seed; positions count from 0, and below 0 is no segment."""

NO_SEGMENT: Final = -1
"""Position and label of a unit that a method leaves without a segment."""


@dataclass(frozen=True, eq=False)
class SegmentRule:
    """What labels new units as these were labelled."""

    features: tuple[MixedFeature, ...]
    parameters: MixtureParameters
    projection: Projection | None = None

    def model(self, ids: tuple[int, ...], names: tuple[str, ...], provenance: dict[str, str]) -> MixtureModel:
        """Return the rule as a model document."""
        return MixtureModel(self.features, self.parameters, ids, names, self.projection, (), provenance)


@dataclass(frozen=True, eq=False)
class Solution:
    """Segments as one method found them."""

    method: Method
    encoding: str
    labels: IndexArray
    """Position of each unit's segment, `NO_SEGMENT` for none, ``(n_units,)``."""
    coordinates: FloatArray
    """Where the method takes distances, or where they can be taken, ``(n_units, n_coordinates)``."""
    rule: SegmentRule
    recluster: Recluster
    bic: float = float("nan")
    log_evidence: float = float("nan")
    settings: str = ""
    """What else was chosen, in words."""

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.rule.parameters.shares)

    def reordered(self, order: IndexArray) -> Self:
        """Return the same segments in another order, given by their present positions."""
        places = np.empty(self.k + 1, dtype=np.intp)
        places[order], places[NO_SEGMENT] = np.arange(self.k), NO_SEGMENT
        rule = replace(self.rule, parameters=self.rule.parameters.segments(order))
        return replace(self, labels=places[self.labels], rule=rule)

    def largest_first(self) -> Self:
        """Return the same segments, the largest first, whatever order the method found them in."""
        sizes = np.bincount(self.labels[self.labels != NO_SEGMENT], minlength=self.k)
        return self.reordered(np.argsort(-sizes, kind="stable"))
