"""Two models are the same if no wave could tell them apart."""

from dataclasses import replace

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.rule import Encoder, Reference, SegmentModel, same_model
from dtc_model.rule.model_equality import SAME_WITHIN
from dtc_model.rule.reference_distances import PERCENTILES

SPREAD = 0.3


@pytest.fixture
def model(catalogue: Catalogue) -> SegmentModel:
    quantiles = tuple(PERCENTILES / 100 for _ in catalogue.segments)
    return replace(SegmentModel.from_catalogue(catalogue), reference=Reference("2025-01", SPREAD, quantiles))


def moved(model: SegmentModel, spreads: float) -> SegmentModel:
    """Move the second persona's centroid along the first feature."""
    way = np.zeros_like(model.centroids)
    way[1, 0] = spreads * SPREAD * model.encoder.scales[0]
    return replace(model, centroids=model.centroids + way)


def test_where_a_model_comes_from_and_how_units_fitted_does_not_count(model: SegmentModel) -> None:
    assert same_model(model, replace(model, provenance={"run_id": "another"}, reference=None))


@pytest.mark.parametrize(("factor", "same"), [(1e-9, True), (0.9, True), (1.1, False), (100, False)])
def test_centroids_may_differ_by_what_no_wave_could_tell(model: SegmentModel, factor: float, *, same: bool) -> None:
    other = moved(model, factor * SAME_WITHIN)
    assert same_model(model, other) is same
    assert same_model(other, model) is same


def test_without_a_known_spread_only_rounding_is_forgiven(model: SegmentModel) -> None:
    bare = replace(model, reference=None)
    assert same_model(bare, replace(bare, centroids=bare.centroids * (1 + 1e-12)))
    assert not same_model(bare, moved(bare, 1e-4))


def test_another_name_or_scale_makes_another_model(model: SegmentModel) -> None:
    twice = Encoder.of_numbers(model.feature_names, model.encoder.scales * 2)
    assert not same_model(model, replace(model, segment_names=("Somebody", *model.segment_names[1:])))
    assert not same_model(model, replace(model, segment_ids=(99, *model.segment_ids[1:])))
    assert not same_model(model, replace(model, encoder=twice, centroids=model.centroids * 2))


def test_two_segments_that_change_places_make_another_model(model: SegmentModel) -> None:
    assert not same_model(model, replace(model, centroids=model.centroids[[1, 0, 2]]))
