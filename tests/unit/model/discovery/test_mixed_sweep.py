"""The sweep, the matching and the search for new segments where features are of every type."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import answer_matrix
from dtc_data.synthetic import make_wave
from dtc_model.discovery import TrainingAnswers, find_segment_changes, match_segments, run_sweep
from dtc_model.gate import compare_models
from dtc_model.rule import FloatArray, SegmentModel, measure_reference

CATALOGUE = Catalogue.model_validate(
    {
        "name": "Shops",
        "registered_model": "shop_model",
        "missing_answers": {"minimum_answered": 4},
        "features": [
            {"name": "size", "transform": "log1p", "scale": 0.5},
            {"name": "service", "type": "grade", "minimum": 1, "maximum": 7, "reversed": True},
            {"name": "parking", "type": "yes_no", "weight": 2.0},
            {"name": "place", "type": "category", "values": ["centre", "suburb", "road"], "shares": [0.4, 0.4, 0.2]},
            {"name": "price", "type": "category", "values": ["low", "high"], "shares": [0.6, 0.4]},
        ],
        "segments": [
            {
                "id": 5,
                "name": "Corner",
                "centroid": [80, 6, 0.05, {"centre": 0.9, "suburb": 0.1}, {"low": 0.1, "high": 0.9}],
            },
            {
                "id": 2,
                "name": "Market",
                "centroid": [900, 4, 0.9, {"suburb": 0.8, "road": 0.2}, {"low": 0.9, "high": 0.1}],
            },
            {"id": 9, "name": "Kiosk", "centroid": [20, 2, 0.5, {"road": 0.9, "centre": 0.1}, "low"]},
        ],
    }
)
MODEL = SegmentModel.from_catalogue(CATALOGUE)


def wave(seed: int, n_units: int = 900, catalogue: Catalogue = CATALOGUE) -> pd.DataFrame:
    drawn = make_wave(catalogue, n_units, 1, seed, Wave(2025, 1))
    spread = np.random.default_rng(seed).lognormal(0, 0.4, n_units)
    return drawn.assign(size=(drawn["size"] * spread).clip(lower=0))


def answers(seed: int) -> FloatArray:
    return answer_matrix(wave(seed), CATALOGUE.features)


def test_segments_of_every_type_of_feature_are_found_again() -> None:
    entry = run_sweep(answers(1), CATALOGUE, ks=[3], n_bootstraps=3).entry(3)
    matching = match_segments(entry.centroids, CATALOGUE)
    assert matching.complete
    found = matching.to_model(CATALOGUE, {})
    assert np.mean(found.label(answers(1)) == wave(1)["segment"].to_numpy(dtype=int)) > 0.95
    # Typical answers, and shares that are shares.
    np.testing.assert_allclose(found.centroids[:, 0], CATALOGUE.centroids[:, 0], rtol=0.25)
    np.testing.assert_allclose(found.centroids[:, 1:], CATALOGUE.centroids[:, 1:], atol=0.25)
    np.testing.assert_allclose(found.centroids[:, 3:6].sum(axis=1), 1, rtol=1e-9)
    assert all(match.moved is not None and match.moved < 1 for match in matching.matches)


def test_the_centroids_of_a_sweep_are_the_means_of_their_clusters() -> None:
    sample = answers(2)
    entry = run_sweep(sample, CATALOGUE, ks=[3], n_bootstraps=1).entry(3)
    model = match_segments(entry.centroids, CATALOGUE).to_model(CATALOGUE, {})
    own = model.nearest(sample)
    encoded = model.encoder.encode(sample)
    means = np.array([encoded[own == position].mean(axis=0) for position in range(3)])
    np.testing.assert_allclose(means, model.coordinates, atol=0.02)


def test_a_projection_keeps_centroids_in_all_answers() -> None:
    encoded = MODEL.encoder.encode(answers(3))
    axes = np.linalg.svd(encoded - encoded.mean(axis=0), full_matrices=False)[2][:3].T
    strict = CATALOGUE.model_copy(update={"missing_answers": type(CATALOGUE.missing_answers)()})
    projected = strict.model_copy(update={"projection": tuple(map(tuple, axes.tolist()))})
    entry = run_sweep(answers(3), projected, ks=[3], n_bootstraps=1).entry(3)
    assert entry.centroids.shape == (3, len(CATALOGUE.centroid_columns))
    np.testing.assert_allclose(entry.centroids[:, 3:6].sum(axis=1), 1, rtol=1e-9)
    matched = match_segments(entry.centroids, projected)
    labels = matched.to_model(projected, {}).label(answers(3))
    assert np.mean(labels == wave(3)["segment"].to_numpy(dtype=int)) > 0.95


def test_missing_categories_are_left_out_of_the_sweep_s_distances() -> None:
    frame = wave(4)
    frame.loc[::4, "place"] = None
    frame.loc[::7, "parking"] = np.nan
    taken = TrainingAnswers.take(frame, CATALOGUE, complete_share=0.2)
    assert len(taken.values) == 900 - len(frame[frame["place"].isna() & frame["parking"].isna()])
    entry = run_sweep(taken.values, CATALOGUE, ks=[3], n_bootstraps=1).entry(3)
    found = match_segments(entry.centroids, CATALOGUE).to_model(CATALOGUE, {})
    np.testing.assert_allclose(found.centroids[:, 3:6], CATALOGUE.centroids[:, 3:6], atol=0.25)


def test_an_unchanged_wave_has_no_new_segments_and_a_new_kind_of_unit_is_one() -> None:
    before, now = answers(5), answers(6)
    spread = measure_reference(MODEL, "2025-01", before)
    assert spread is not None
    options = {"spread": spread.spread, "smallest_share": 0.05, "stability": 0.75, "n_bootstraps": 5}
    assert find_segment_changes(MODEL, before, now, **options) == []  # type: ignore[arg-type]
    newcomers = np.tile([6000.0, 7, 1, 0, 1], (250, 1))
    newcomers[:, 0] *= np.random.default_rng(1).lognormal(0, 0.3, 250)
    changes = find_segment_changes(MODEL, before, np.vstack([now, newcomers]), **options)  # type: ignore[arg-type]
    assert [change.kind for change in changes] == ["new"]


@pytest.mark.parametrize("seed", [7, 8])
def test_a_model_found_again_has_hardly_moved_for_the_gate(seed: int) -> None:
    entry = run_sweep(answers(seed), CATALOGUE, ks=[3], n_bootstraps=1).entry(3)
    candidate = match_segments(entry.centroids, CATALOGUE).to_model(CATALOGUE, {})
    found = compare_models(
        candidate, MODEL, MODEL, answers(1), answers(seed), minimum_answered=4, n_bootstraps=3, seed=1
    )
    assert (found.moved < 0.5).all()
    assert found.relabelled_share < 0.05
    assert found.stability.min() > 0.75
