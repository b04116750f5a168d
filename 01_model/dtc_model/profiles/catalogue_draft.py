"""A catalogue drafted from what was discovered, for a person to edit and adopt."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from dtc_model.errors import TrainingError
from dtc_model.profiles.naming import ProposedName
from dtc_model.rule import CategoryFeature, FloatArray, IntArray, MixtureModel, NumberFeature

_DIGITS: Final = 8
"""Significant digits of scales and centroids."""


def draft_catalogue(
    document: MixtureModel,
    features: pd.DataFrame,
    labels: IntArray,
    *,
    head: Mapping[str, str],
    names: Sequence[ProposedName] = (),
) -> dict[str, Any]:
    """Return a catalogue as plain values, as a YAML file would hold it.

    Features that are compared as they are give a catalogue that `dtc_data.catalogue.Catalogue` reads and whose nearest
    centroid is the document's label. Where a number enters by its logarithm or its rank, the feature says so under
    ``encoding``, and the centroid is still in the unit of the feature.

    Parameters
    ----------
    document : MixtureModel
        Of KMeans on numbers.
    features : DataFrame of shape (n_units, n_features)
        The reference wave.
    labels : ndarray of shape (n_units,)
    head : mapping
        ``name``, ``unit_table``, ``registered_model`` and what else stands above the features.
    names : sequence of ProposedName
        Names and actions; a segment without one keeps the document's.

    Raises
    ------
    TrainingError
        If the document has categories or is no rule of nearest centroids: a catalogue cannot hold it.
    """
    numbers = _numbers(document)
    named = {proposed.segment_id: proposed for proposed in names}
    centroids = _centroids(document, numbers, features, labels)
    segments = []
    for position, id_ in enumerate(document.segment_ids):
        proposed = named.get(id_)
        segments.append(
            {
                "id": id_,
                "name": proposed.name if proposed else document.segment_names[position],
                "description": f"{proposed.description} Action: {proposed.action}" if proposed else "",
                "centroid": [_short(value) for value in centroids[position]],
            }
        )
    scales = np.sqrt(document.parameters.covariance)
    entries = [_feature(feature, float(scale)) for feature, scale in zip(numbers, scales / scales.min(), strict=True)]
    return {**head, "source": _source(document), "features": entries, "segments": segments}


def _numbers(document: MixtureModel) -> list[NumberFeature]:
    categories = [feature.name for feature in document.features if isinstance(feature, CategoryFeature)]
    parameters = document.parameters
    if categories or document.projection is not None:
        raise TrainingError(
            f"a catalogue holds segments of numbers by their centroids, but these are found with "
            f"{', '.join(categories) or 'a projection'}: keep the document of kind 'mixture' beside it"
        )
    if parameters.spread != "pooled" or np.ptp(parameters.shares) > 0:
        raise TrainingError("a catalogue holds nearest centroids, but these segments differ in spread or share")
    return [feature for feature in document.features if isinstance(feature, NumberFeature)]


def _centroids(
    document: MixtureModel, numbers: Sequence[NumberFeature], features: pd.DataFrame, labels: IntArray
) -> FloatArray:
    """Return centroids in the unit of the features: those of the rule, or where it encodes, the medians of the units."""
    centroids = np.array(document.parameters.means)
    for column, feature in enumerate(numbers):
        if feature.encoding != "raw":
            values = features[feature.name].to_numpy(dtype=np.float64, na_value=np.nan)
            centroids[:, column] = [np.nanmedian(values[labels == id_]) for id_ in document.segment_ids]
    return centroids


def _feature(feature: NumberFeature, scale: float) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": feature.name, "scale": _short(scale)}
    if feature.encoding == "raw":
        return entry
    quantiles = [] if feature.quantiles is None else [_short(value) for value in feature.quantiles]
    return entry | {"encoding": feature.encoding} | ({"quantiles": quantiles} if quantiles else {})


def _source(document: MixtureModel) -> str:
    return "discovered: " + ", ".join(f"{key} {value}" for key, value in document.provenance.items() if value)


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
