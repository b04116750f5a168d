"""Clusters of respondents of whom some left answers out."""

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.clustering.clusters import find_clusters
from dtc_model.discovery import match_segments, run_sweep
from dtc_model.errors import TrainingError
from dtc_model.rule import FloatArray
from fakes.waves import answers_around
from sklearn.cluster import KMeans


@pytest.fixture
def tolerant(catalogue: Catalogue) -> Catalogue:
    """The shipped catalogue, but two answers may be missing."""
    return Catalogue.model_validate(catalogue.model_dump() | {"missing_answers": {"minimum_answered": 8}})


def with_gaps(answers: FloatArray, share: float, seed: int = 3) -> FloatArray:
    """Take one answer each away from some respondents."""
    rng = np.random.default_rng(seed)
    gaps = answers.copy()
    rows = np.flatnonzero(rng.random(len(answers)) < share)
    gaps[rows, rng.integers(answers.shape[1], size=len(rows))] = np.nan
    return gaps


def objective(scaled: FloatArray, centroids: FloatArray) -> float:
    return float(np.nansum((scaled[:, None] - centroids) ** 2, axis=2).min(axis=1).sum())


def test_where_nobody_left_an_answer_out_it_is_kmeans_to_the_last_digit(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids)
    found = find_clusters(answers, 3, n_init=10, seed=42)
    expected = KMeans(n_clusters=3, n_init=10, random_state=42).fit(answers)
    assert np.array_equal(found.centroids, expected.cluster_centers_)
    assert np.array_equal(found.labels, expected.labels_)
    assert found.inertia == expected.inertia_


def test_everybody_s_answers_move_the_centroids(catalogue: Catalogue) -> None:
    scaled = with_gaps(answers_around(catalogue.centroids), 0.5)
    found = find_clusters(scaled, 3, n_init=10, seed=42)
    own = [scaled[found.labels == cluster] for cluster in range(3)]
    assert found.centroids == pytest.approx(np.stack([np.nanmean(part, axis=0) for part in own]))
    assert found.inertia == pytest.approx(objective(scaled, found.centroids))
    complete = scaled[~np.isnan(scaled).any(axis=1)]
    of_complete = KMeans(n_clusters=3, n_init=10, random_state=42).fit(complete)
    assert found.inertia < objective(scaled, of_complete.cluster_centers_)


def test_segments_are_found_from_few_complete_units(catalogue: Catalogue, tolerant: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, 2.0, 42, 1_000)
    whole = match_segments(run_sweep(answers, tolerant, ks=[3]).entry(3).centroids, tolerant)
    gappy = match_segments(run_sweep(with_gaps(answers, 0.8), tolerant, ks=[3]).entry(3).centroids, tolerant)
    for before, after in zip(whole.matches, gappy.matches, strict=True):
        assert np.abs(np.subtract(before.centroid, after.centroid)).max() < 0.5


def test_a_sweep_takes_missing_answers_where_the_catalogue_does(tolerant: Catalogue) -> None:
    answers = with_gaps(answers_around(tolerant.centroids), 0.3)
    sweep = run_sweep(answers, tolerant, ks=[2, 3])
    assert sweep.best.k == 3
    assert sweep.n_units == 500
    assert all(np.isfinite(list(entry.metrics.values())).all() for entry in sweep.entries)
    assert sweep.entry(3).stabilities.min() > 0.9


def test_too_few_distinct_complete_units_are_refused(tolerant: Catalogue) -> None:
    answers = answers_around(tolerant.centroids)
    answers[3:, 0] = np.nan
    with pytest.raises(
        TrainingError,
        match="3 complete respondents with 3 distinct sets of answers are too few for the candidate's k = 3",
    ):
        run_sweep(answers, tolerant, ks=[3])
