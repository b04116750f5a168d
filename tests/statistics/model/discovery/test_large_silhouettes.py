"""Silhouettes of waves that are too large to compare each unit with each other."""

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import run_sweep
from dtc_model.discovery.sweep import SILHOUETTE_UNITS
from fakes.waves import answers_around
from sklearn.metrics import silhouette_score


def test_a_large_wave_gets_its_silhouette_from_a_sample_that_is_close_to_the_whole(small_catalogue: Catalogue) -> None:
    n_units = SILHOUETTE_UNITS + 2_000
    answers = answers_around(small_catalogue.centroids, 2, 1, n_units)
    entry = run_sweep(answers, small_catalogue, ks=[2], n_init=1).best
    scaled, centroids = answers / small_catalogue.scales, entry.centroids / small_catalogue.scales
    labels = ((scaled[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    assert entry.silhouette == pytest.approx(silhouette_score(scaled, labels), abs=0.01)


def test_a_large_wave_with_a_lone_outlier_has_a_silhouette(small_catalogue: Catalogue) -> None:
    answers = np.random.default_rng(1).normal(size=(4 * SILHOUETTE_UNITS, 3))
    answers[-1] = 1e6
    entry = run_sweep(answers, small_catalogue, ks=[2], n_init=1).best
    assert 0.9 < entry.silhouette <= 1
