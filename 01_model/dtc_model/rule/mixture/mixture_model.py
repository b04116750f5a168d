"""The mixture as a rule that labels: a unit belongs to the segment that is most probable given the features it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.encoder import FloatArray
from dtc_model.rule.mixture.mixed_features import CategoryFeature, MixedFeature, MixedUnits, NumberFeature, read_units
from dtc_model.rule.mixture.mixture_density import MixtureParameters, log_joint, posteriors
from dtc_model.rule.mixture.mixture_document import KIND, MixtureDocument, read_mixture, write_mixture
from dtc_model.rule.mixture.mixture_entries import (
    from_covariance,
    from_features,
    from_projection,
    from_segments,
    to_features,
    to_parameters,
    to_projection,
    to_surprises,
)
from dtc_model.rule.mixture.projection import Projection
from dtc_model.rule.segment_model import INCOMPLETE, IntArray


@dataclass(frozen=True, eq=False)
class MixtureModel:
    """Segments as distributions over mixed features, with ids and names that never move.

    Raises
    ------
    ModelBrokenError
        If shapes, numbers, ids or names do not fit together.
    """

    features: tuple[MixedFeature, ...]
    parameters: MixtureParameters
    segment_ids: tuple[int, ...]
    segment_names: tuple[str, ...]
    projection: Projection | None = None
    """The segments are distributions over these coordinates, where there is one."""
    surprises: tuple[FloatArray | None, ...] = ()
    """Per segment, how unusual its training units were at ``PERCENTILES`` of them; empty if that is not known."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where the segments come from, for people to read."""
    kind: ClassVar[str] = KIND

    def __post_init__(self) -> None:
        _check_names(self)
        _check_shapes(self)
        object.__setattr__(self, "provenance", MappingProxyType(dict(self.provenance)))  # frozen for everybody else

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a model that ``to_json`` wrote; every number comes back exactly.

        Raises
        ------
        ModelBrokenError
            If the document is not JSON, of another kind or format, incomplete, or contradicts itself.
        """
        document = read_mixture(text)
        return cls(
            features=to_features(document.features),
            parameters=to_parameters(document),
            segment_ids=tuple(segment.id for segment in document.segments),
            segment_names=tuple(segment.name for segment in document.segments),
            projection=to_projection(document.projection),
            surprises=to_surprises(document.segments),
            provenance=document.provenance,
        )

    def to_json(self) -> str:
        """Write the model as a JSON document."""
        document = MixtureDocument(
            features=from_features(self.features),
            projection=from_projection(self.projection),
            spread=self.parameters.spread,
            covariance=from_covariance(self.parameters),
            segments=from_segments(self.parameters, self.segment_ids, self.segment_names, self.surprises),
            provenance=dict(self.provenance),
        )
        return write_mixture(document)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of an array's columns."""
        return tuple(feature.name for feature in self.features)

    def label(self, table: Any, minimum_answered: int | None = None) -> IntArray:
        """Return the id of each unit's most probable segment, ``(n_units,)``; the first of equals wins.

        Parameters
        ----------
        table : DataFrame, mapping or array_like of shape (n_units, n_features)
            See `dtc_model.rule.mixture.mixed_features.read_units`. Features may be missing.
        minimum_answered : int, optional
            Fewest features that a unit must have; with fewer, or with none at all, it is `INCOMPLETE`.

        Raises
        ------
        AnswersError
            If the units cannot be read.
        """
        units = read_units(table, self.features)
        positions = self.joint(units).argmax(axis=1)
        known = units.present >= max(1, minimum_answered or 1)
        labels: IntArray = np.where(known, np.array(self.segment_ids, dtype=np.int64)[positions], INCOMPLETE)
        return labels

    def posterior(self, table: Any) -> FloatArray:
        """Return each unit's probability of each segment, ``(n_units, n_segments)``, from the features that it has."""
        return posteriors(self.joint(read_units(table, self.features)))[0]

    def joint(self, units: MixedUnits) -> FloatArray:
        """Return log(share x density) of each unit in each segment, ``(n_units, n_segments)``."""
        return log_joint(self.parameters, self.projected(units))

    def projected(self, units: MixedUnits) -> MixedUnits:
        """Return units on the axes of the model, or as they are where it has none."""
        if self.projection is None:
            return units
        return MixedUnits(self.projection.project(units), np.empty((len(units.numbers), 0), dtype=np.intp))


def _check_names(model: MixtureModel) -> None:
    n_segments = len(model.parameters.shares)
    if not model.features or not n_segments or {len(model.segment_ids), len(model.segment_names)} != {n_segments}:
        raise ModelBrokenError(
            f"the mixture is broken: it has {len(model.features)} features, {n_segments} segments, "
            f"{len(model.segment_ids)} ids and {len(model.segment_names)} names"
        )
    named = (("feature name", model.feature_names), ("id", model.segment_ids), ("name", model.segment_names))
    for what, values in named:
        if len(set(values)) < len(values):
            raise ModelBrokenError(f"the mixture is broken: a {what} is given twice")


def _check_shapes(model: MixtureModel) -> None:
    numbers = [feature for feature in model.features if isinstance(feature, NumberFeature)]
    levels = [len(feature.levels) for feature in model.features if isinstance(feature, CategoryFeature)]
    if any((feature.encoding == "quantile") != (feature.quantiles is not None) for feature in numbers):
        raise ModelBrokenError("the mixture is broken: quantiles belong to the encoding 'quantile', and to no other")
    n_numbers, tables = len(numbers), levels
    if model.projection is not None:
        projection = model.projection
        n_columns, n_numbers = projection.axes.shape
        found = (len(projection.means), len(projection.spreads), [len(shares) for shares in projection.shares])
        if found != (len(numbers), len(numbers), levels) or n_columns != len(numbers) + sum(levels):
            raise ModelBrokenError("the mixture is broken: its projection does not fit its features")
        tables = []
    parameters, n_segments = model.parameters, len(model.segment_ids)
    shapes = {
        "means": (parameters.means.shape, (n_segments, n_numbers)),
        "variances": (parameters.covariance.shape, _covariance_shape(parameters, n_segments, n_numbers)),
        "probabilities": ([table.shape for table in parameters.probabilities], [(n_segments, n) for n in tables]),
    }
    for what, (is_, should) in shapes.items():
        if is_ != should:
            raise ModelBrokenError(f"the mixture is broken: its {what} have the shape {is_}, but need {should}")


def _covariance_shape(parameters: MixtureParameters, n_segments: int, n_numbers: int) -> tuple[int, ...]:
    return {"pooled": (n_numbers,), "own": (n_segments, n_numbers), "tied": (n_numbers, n_numbers)}[parameters.spread]
