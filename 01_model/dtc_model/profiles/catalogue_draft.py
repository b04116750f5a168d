"""A catalogue drafted from what was discovered, for a person to edit and adopt."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from dtc_data.catalogue import FeatureEncoding

from dtc_model.errors import TrainingError
from dtc_model.profiles.naming import ProposedName
from dtc_model.rule import CategoryFeature, MixtureModel, NumberFeature

_DIGITS: Final = 8
"""Significant digits of scales and centroids."""


def draft_catalogue(
    document: MixtureModel, *, head: Mapping[str, Any], names: Sequence[ProposedName] = ()
) -> dict[str, Any]:
    """Return a catalogue as plain values, as `dtc_data.catalogue.load_catalogue` reads it from a YAML file.

    Centroids are in the unit of the features, also where a number enters the distance by its logarithm or its rank. Where
    many units share a value, its ranks have no value of their own: such a centroid lies at the shared value, and a few
    units at the border of two segments may have another label by the catalogue than by the document.

    Parameters
    ----------
    document : MixtureModel
        Of KMeans on numbers.
    head : mapping
        ``name``, ``unit_table``, ``registered_model`` and what else stands above the features.
    names : sequence of ProposedName
        Names and actions; a segment without one keeps the document's.

    Raises
    ------
    TrainingError
        If the document has categories or is no rule of nearest centroids: a catalogue cannot hold it.
    """
    numbers, means = _numbers(document), np.array(document.parameters.means)
    scales = np.sqrt(document.parameters.covariance)
    encodings = [_encoding(feature, scale) for feature, scale in zip(numbers, scales / scales.min(), strict=True)]
    divisors = [encoding.number_scale.divisor for encoding in encodings]
    centroids = [
        encoding.number_scale.answers(means[:, column] / divisors[column]) for column, encoding in enumerate(encodings)
    ]
    return {
        **head,
        "source": _source(document),
        "features": [_entry(encoding) for encoding in encodings],
        "segments": _segments(document, names, np.column_stack(centroids).tolist()),
    }


def _segments(
    document: MixtureModel, names: Sequence[ProposedName], centroids: list[list[float]]
) -> list[dict[str, Any]]:
    named = {proposed.segment_id: proposed for proposed in names}
    segments = []
    for position, id_ in enumerate(document.segment_ids):
        proposed = named.get(id_)
        said = (
            {"name": proposed.name, "description": proposed.description, "action": proposed.action}
            if proposed
            else {"name": document.segment_names[position]}
        )
        segments.append({"id": id_, **said, "centroid": [_short(value) for value in centroids[position]]})
    return segments


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


def _encoding(feature: NumberFeature, scale: float) -> FeatureEncoding:
    quantiles = () if feature.quantiles is None else tuple(_short(value) for value in feature.quantiles)
    transform = None if feature.encoding == "raw" else feature.encoding
    return FeatureEncoding(name=feature.name, scale=_short(scale), transform=transform, quantiles=quantiles)


def _entry(encoding: FeatureEncoding) -> dict[str, Any]:
    return encoding.model_dump(mode="json", exclude_defaults=True) | {"scale": encoding.scale}


def _source(document: MixtureModel) -> str:
    return "discovered: " + ", ".join(f"{key} {value}" for key, value in document.provenance.items() if value)


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
