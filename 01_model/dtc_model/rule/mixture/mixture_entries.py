"""From the arrays of a mixture to the entries of its document, and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.encoder import FloatArray
from dtc_model.rule.mixture.mixed_features import CategoryFeature, MixedFeature, NumberFeature
from dtc_model.rule.mixture.mixture_density import MixtureParameters
from dtc_model.rule.mixture.mixture_document import (
    CategoryEntry,
    FeatureEntry,
    MixtureDocument,
    MixtureSegmentEntry,
    NumberEntry,
    ProjectionEntry,
)
from dtc_model.rule.mixture.projection import Projection


def to_features(entries: Sequence[FeatureEntry]) -> tuple[MixedFeature, ...]:
    """Return the features of a document."""
    return tuple(
        (
            CategoryFeature(entry.name, tuple(entry.levels))
            if isinstance(entry, CategoryEntry)
            else NumberFeature(entry.name, entry.encoding, _optional(entry.quantiles))
        )
        for entry in entries
    )


def from_features(features: Sequence[MixedFeature]) -> list[FeatureEntry]:
    """Return the entries of features."""
    return [
        (
            CategoryEntry(name=feature.name, levels=list(feature.levels))
            if isinstance(feature, CategoryFeature)
            else NumberEntry(name=feature.name, encoding=feature.encoding, quantiles=_listed(feature.quantiles))
        )
        for feature in features
    ]


def to_projection(entry: ProjectionEntry | None) -> Projection | None:
    """Return the projection of a document, if it has one."""
    if entry is None:
        return None
    shares = tuple(map(np.array, entry.shares))
    return Projection(np.array(entry.means), np.array(entry.spreads), shares, _array(entry.axes, "the axes"))


def from_projection(projection: Projection | None) -> ProjectionEntry | None:
    """Return the entry of a projection."""
    if projection is None:
        return None
    return ProjectionEntry(
        means=projection.means.tolist(),
        spreads=projection.spreads.tolist(),
        shares=[shares.tolist() for shares in projection.shares],
        axes=projection.axes.tolist(),
    )


def to_parameters(document: MixtureDocument) -> MixtureParameters:
    """Return the parameters of a document's segments.

    Raises
    ------
    ModelBrokenError
        If rows that belong together differ in length.
    """
    segments = document.segments
    rows = [segment.variances for segment in segments] if document.spread == "own" else document.covariance
    if rows is None or None in rows or len({len(segment.probabilities) for segment in segments}) > 1:
        raise ModelBrokenError("the mixture is broken: a segment lacks its variances or the levels of a category")
    covariance = _array(rows, "the variances")
    tables = zip(*(segment.probabilities for segment in segments), strict=True)
    return MixtureParameters(
        spread=document.spread,
        shares=np.array([segment.share for segment in segments]),
        means=_array([segment.means for segment in segments], "the means"),
        covariance=covariance.ravel() if document.spread == "pooled" else covariance,
        probabilities=tuple(_array(table, "the probabilities") for table in tables),
    )


def from_segments(
    parameters: MixtureParameters,
    ids: Sequence[int],
    names: Sequence[str],
    surprises: Sequence[FloatArray | None],
) -> list[MixtureSegmentEntry]:
    """Return the entries of segments; ``surprises`` is empty where they are not known."""
    own = parameters.spread == "own"
    return [
        MixtureSegmentEntry(
            id=id_,
            name=name,
            share=float(parameters.shares[position]),
            means=parameters.means[position].tolist(),
            variances=parameters.covariance[position].tolist() if own else None,
            probabilities=[table[position].tolist() for table in parameters.probabilities],
            surprises=_listed(surprises[position]) if surprises else None,
        )
        for position, (id_, name) in enumerate(zip(ids, names, strict=True))
    ]


def from_covariance(parameters: MixtureParameters) -> list[list[float]] | None:
    """Return the variances that all segments share; None where each has its own."""
    if parameters.spread == "own":
        return None
    shared: list[list[float]] = np.atleast_2d(parameters.covariance).tolist()
    return shared


def to_surprises(segments: Sequence[MixtureSegmentEntry]) -> tuple[FloatArray | None, ...]:
    """Return how unusual the training units of each segment were; empty if no segment knows."""
    found = tuple(_optional(segment.surprises) for segment in segments)
    return () if all(quantiles is None for quantiles in found) else found


def _optional(values: list[float] | None) -> FloatArray | None:
    return None if values is None else np.array(values, dtype=np.float64)


def _listed(values: FloatArray | None) -> list[float] | None:
    return None if values is None else [float(value) for value in values]


def _array(rows: Any, what: str) -> FloatArray:
    try:
        array: FloatArray = np.array(rows, dtype=np.float64)
    except ValueError as error:  # rows of unequal length
        raise ModelBrokenError(f"the mixture is broken: {what} differ in length from segment to segment") from error
    return array.reshape(len(array), -1)
