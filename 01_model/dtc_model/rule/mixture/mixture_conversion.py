"""A registered mixture as the document that a search begins from, and what the search found as a registered mixture again."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
from dtc_data.catalogue import FeatureEncoding

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.encoder import Encoder, FloatArray
from dtc_model.rule.mixture.mixed_features import CategoryFeature, EncodingKind, MixedFeature, NumberFeature
from dtc_model.rule.mixture.mixture_density import MixtureParameters
from dtc_model.rule.mixture.mixture_model import MixtureModel
from dtc_model.rule.mixture.segment_mixture import SMALLEST_PROBABILITY, SegmentMixture


def as_search_start(model: SegmentMixture) -> MixtureModel:
    """Return the same mixture as `dtc_model.discovery.discover` takes a production.

    Raises
    ------
    ModelBrokenError
        If a feature is reversed or encoded as no search does it.
    """
    encoder = model.encoder
    features = tuple(map(_mixed_feature, encoder.features))
    places = [place for place, feature in enumerate(features) if isinstance(feature, NumberFeature)]
    means = [_encoded(model.centroids[:, encoder.starts[place]], encoder.features[place]) for place in places]
    variances = (model.spreads * _divisors(encoder))[:, places] ** 2
    tables = tuple(
        _normalised(model.centroids[:, encoder.starts[place] : encoder.starts[place + 1]])
        for place, feature in enumerate(features)
        if isinstance(feature, CategoryFeature)
    )
    n_segments = len(model.segment_ids)
    parameters = MixtureParameters(
        spread="own",
        shares=model.shares,
        means=np.column_stack(means) if means else np.empty((n_segments, 0)),
        covariance=variances,
        probabilities=tables,
    )
    if (variances == variances[0]).all():
        parameters = _pooled(parameters)
    return MixtureModel(features, parameters, model.segment_ids, model.segment_names, provenance={"method": "mixture"})


def from_search(found: MixtureModel, encoder: Encoder, provenance: Mapping[str, str]) -> SegmentMixture:
    """Return what a search found as a mixture on a catalogue's scales.

    Raises
    ------
    ModelBrokenError
        If its numbers vary together, or it is on axes of its own: a catalogue's features cannot say that.
    """
    parameters = found.parameters
    if parameters.spread == "tied" or found.projection is not None or found.feature_names != encoder.feature_names:
        raise ModelBrokenError(
            "a mixture with tied spreads, a projection or other features cannot be registered under a catalogue: search again with "
            "pooled or own spreads"
        )
    numbers, tables = iter(range(parameters.means.shape[1])), iter(parameters.probabilities)
    columns, spreads = [], np.ones((len(found.segment_ids), len(encoder.features)))
    for place, feature in enumerate(encoder.features):
        if feature.type == "category":
            columns.append(next(tables))
            continue
        number = next(numbers)
        scale = feature.number_scale
        columns.append(scale.answers((parameters.means[:, [number]] - scale.centre) / scale.divisor))
        spreads[:, place] = np.sqrt(parameters.variances[:, number]) / scale.divisor
    return SegmentMixture(
        encoder=encoder,
        centroids=np.hstack(columns),
        segment_ids=found.segment_ids,
        segment_names=found.segment_names,
        provenance=dict(provenance),
        shares=parameters.shares,
        spreads=spreads,
    )


def _mixed_feature(feature: FeatureEncoding) -> MixedFeature:
    if feature.type == "category":
        return CategoryFeature(feature.name, feature.values)
    encoding: EncodingKind = feature.transform or "raw"
    if feature.reversed or encoding not in get_args(EncodingKind):
        raise ModelBrokenError(f"feature {feature.name!r} is encoded as no search for mixtures does it")
    return NumberFeature(feature.name, encoding, np.array(feature.quantiles) if feature.quantiles else None)


def _encoded(values: FloatArray, feature: FeatureEncoding) -> FloatArray:
    scale = feature.number_scale
    encoded: FloatArray = scale.scaled(values) * scale.divisor + scale.centre
    return encoded


def _divisors(encoder: Encoder) -> FloatArray:
    return np.array([1.0 if one.type == "category" else one.number_scale.divisor for one in encoder.features])


def _normalised(shares: FloatArray) -> FloatArray:
    positive = np.maximum(shares, SMALLEST_PROBABILITY)
    normalised: FloatArray = positive / positive.sum(axis=1, keepdims=True)
    return normalised


def _pooled(parameters: MixtureParameters) -> MixtureParameters:
    return MixtureParameters(
        "pooled", parameters.shares, parameters.means, parameters.covariance[0], parameters.probabilities
    )
