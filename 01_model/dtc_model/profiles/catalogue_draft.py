"""A catalogue drafted from what was discovered, for a person to edit and adopt."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from dtc_data.catalogue import MIXTURE, FeatureEncoding

from dtc_model.errors import TrainingError
from dtc_model.profiles.naming import ProposedName
from dtc_model.rule import (
    CategoryFeature,
    Encoder,
    FloatArray,
    MixedFeature,
    MixtureModel,
    MixtureParameters,
    NumberFeature,
    from_search,
)

_DIGITS: Final = 8
"""Significant digits of scales and centroids."""


def draft_catalogue(
    document: MixtureModel,
    *,
    head: Mapping[str, Any],
    names: Sequence[ProposedName] = (),
    words: Mapping[str, Mapping[str, str]] | None = None,
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
    words : mapping, optional
        What is said of features, by name, under the keys of a catalogue: ``label`` and ``question``.

    Raises
    ------
    TrainingError
        If the document has categories or is not a rule of nearest centroids: a catalogue cannot hold it.
    """
    draft = (draft_mixture if _is_mixture(document) else draft_centroids)(document, head=head, names=names)
    for feature in draft["features"]:
        feature.update({key: said[feature["name"]] for key, said in (words or {}).items() if feature["name"] in said})
    return draft


def draft_centroids(
    document: MixtureModel, *, head: Mapping[str, Any], names: Sequence[ProposedName] = ()
) -> dict[str, Any]:
    """Return the catalogue of nearest centroids of numbers; see `draft_catalogue`."""
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


def draft_mixture(
    document: MixtureModel, *, head: Mapping[str, Any], names: Sequence[ProposedName] = ()
) -> dict[str, Any]:
    """Return the catalogue of a mixture of numbers and categories, which says all of it; see `draft_catalogue`.

    The scale of a number is its spread within segments, so that distances are in spreads; a segment whose own spreads differ
    names them.

    Raises
    ------
    TrainingError
        If numbers vary together, or the segments lie on axes of their own: a catalogue cannot hold that.
    """
    parameters = document.parameters
    if document.projection is not None or parameters.spread == "tied":
        raise TrainingError(
            "a catalogue holds distributions whose features are independent within a segment, but these lie on axes of their own "
            "or vary together: search with spreads pooled or own"
        )
    variances = parameters.shares @ parameters.variances
    numbers, tables = iter(np.sqrt(variances).tolist()), iter(parameters.probabilities)
    encoder = Encoder(tuple(_mixed_encoding(one, parameters, numbers, tables) for one in document.features))
    found = from_search(document, encoder, {})
    segments = _segments(document, names, [_centroid(encoder, row) for row in found.centroids.tolist()])
    for segment, share, spreads in zip(segments, found.shares.tolist(), found.spreads.tolist(), strict=True):
        segment["share"] = _short(share)
        if parameters.spread == "own":
            segment["spreads"] = [_short(value) for value in spreads]
    return {
        **head,
        "source": _source(document),
        "rule": MIXTURE,
        "features": [
            _entry(encoding) if encoding.type != "category" else _category(encoding) for encoding in encoder.features
        ],
        "segments": segments,
    }


def _is_mixture(document: MixtureModel) -> bool:
    return document.provenance.get("method") == "mixture"


def _mixed_encoding(
    feature: MixedFeature, parameters: MixtureParameters, scales: Iterator[float], tables: Iterator[FloatArray]
) -> FeatureEncoding:
    if isinstance(feature, NumberFeature):
        return _encoding(feature, next(scales))
    overall = parameters.shares @ next(tables)
    shares = tuple(_short(share) for share in overall / overall.sum())
    return FeatureEncoding(name=feature.name, type="category", values=feature.levels, shares=shares)


def _category(encoding: FeatureEncoding) -> dict[str, Any]:
    values = dict(zip(encoding.values, encoding.shares, strict=True))
    return {"name": encoding.name, "type": "category", "values": values, "unseen": "missing"}


def _centroid(encoder: Encoder, row: list[float]) -> list[float | dict[str, float]]:
    """Return the entries of a centroid: a number, or the share of each value."""
    parts = zip(encoder.features, encoder.starts[:-1], encoder.starts[1:], strict=True)
    return [
        (
            {value: _short(share) for value, share in zip(feature.values, row[first:end], strict=True)}
            if feature.type == "category"
            else row[first]
        )
        for feature, first, end in parts
    ]


def _segments(
    document: MixtureModel, names: Sequence[ProposedName], centroids: Sequence[Sequence[float | dict[str, float]]]
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
        segments.append({"id": id_, **said, "centroid": [_entry_of(value) for value in centroids[position]]})
    return segments


def _entry_of(value: float | dict[str, float]) -> float | dict[str, float]:
    return value if isinstance(value, dict) else _short(value)


def _numbers(document: MixtureModel) -> list[NumberFeature]:
    categories = [feature.name for feature in document.features if isinstance(feature, CategoryFeature)]
    parameters = document.parameters
    if categories or document.projection is not None:
        raise TrainingError(
            f"a catalogue holds centroids of numbers, but these segments are found with "
            f"{', '.join(categories) or 'a projection'}: search by the method mixture, whose segments it holds"
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
