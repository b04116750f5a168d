"""A method that somebody tries, with the figures of a sweep."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import match_segments, run_sweep, sweep_by
from dtc_model.errors import TrainingError
from dtc_model.rule import FloatArray
from fakes.waves import JANUARY, answers_around
from sklearn.cluster import AgglomerativeClustering, KMeans

Labels = npt.NDArray[np.integer[Any]]


def hierarchical(answers: FloatArray, _seed: int) -> Labels:
    labels: Labels = AgglomerativeClustering(3).fit_predict(answers)
    return labels


def test_another_method_that_finds_the_same_segments_has_the_figures_of_kmeans(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *JANUARY)
    (own,) = sweep_by(hierarchical, answers, catalogue, n_bootstraps=3).entries
    usual = run_sweep(answers, catalogue, ks=[3], n_bootstraps=3).entry(3)
    assert own.metrics == pytest.approx(usual.metrics, rel=0.1)
    assert match_segments(own.centroids, catalogue).complete
    assert own.shares.sum() == pytest.approx(1)


def test_units_that_a_method_leaves_out_shape_no_centroid_and_are_labelled_all_the_same(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *JANUARY)

    def sparse(scaled: FloatArray, seed: int) -> Labels:
        labels = KMeans(3, n_init=3, random_state=seed).fit_predict(scaled) * 7  # with gaps between the numbers
        return np.where(np.arange(len(scaled)) % 3 == 0, -1, labels)

    sweep = sweep_by(sparse, answers, catalogue, n_bootstraps=2)
    (entry,) = sweep.entries
    assert (entry.k, sweep.n_units) == (3, len(answers))
    kept = np.arange(len(answers)) % 3 != 0
    usual = run_sweep(answers[kept], catalogue, ks=[3], n_bootstraps=1).entry(3)
    ours, theirs = (entry_.centroids[np.argsort(entry_.centroids[:, 0])] for entry_ in (entry, usual))
    assert ours == pytest.approx(theirs, rel=0.05)


def test_a_method_that_finds_no_segments_is_told_so(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *JANUARY)
    with pytest.raises(TrainingError, match=r"found one cluster among .* respondents: there is nothing to register"):
        sweep_by(lambda scaled, _: np.zeros(len(scaled), dtype=int), answers, catalogue)
    with pytest.raises(TrainingError, match="found no cluster among"):
        sweep_by(lambda scaled, _: np.full(len(scaled), -1), answers, catalogue)
    with pytest.raises(TrainingError, match="a whole number for each of the"):
        sweep_by(lambda scaled, _: scaled.mean(axis=1), answers, catalogue)
    with pytest.raises(TrainingError, match="of shape"):
        sweep_by(lambda _, __: np.zeros(3, dtype=int), answers, catalogue)
