import numpy as np
import numpy.typing as npt
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import cluster_stability, contingency
from dtc_model.discovery.stability import RESAMPLED_UNITS
from fakes.waves import JANUARY, MARCH, answers_around
from sklearn.cluster import KMeans


def stability_of(answers: npt.NDArray[np.float64], k: int, seed: int = 1) -> list[float]:
    labels = KMeans(n_clusters=k, n_init=10, random_state=1).fit(answers).labels_
    return list(cluster_stability(answers, labels, k, n_bootstraps=20, seed=seed))


@pytest.mark.parametrize("month", [JANUARY, MARCH])
def test_clusters_that_are_there_come_back_in_every_resample(catalogue: Catalogue, month: tuple[float, int]) -> None:
    assert min(stability_of(answers_around(catalogue.centroids, *month), 3)) > 0.9


@pytest.mark.parametrize("k", [4, 5, 8])
def test_clusters_that_the_algorithm_cut_out_of_others_do_not(catalogue: Catalogue, k: int) -> None:
    assert min(stability_of(answers_around(catalogue.centroids, *MARCH), k)) < 0.75


def test_only_the_segment_that_was_cut_in_two_is_unstable(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *JANUARY)
    origin = KMeans(n_clusters=3, n_init=10, random_state=1).fit(answers).labels_
    halves = np.where((origin == 2) & (answers[:, 0] > np.median(answers[origin == 2, 0])), 3, origin)
    stability = cluster_stability(answers, halves, 4, n_bootstraps=20, seed=1)
    assert stability[:2].min() > stability[2:].max()


def test_the_same_seed_gives_the_same_figures(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *MARCH)
    assert stability_of(answers, 4) == stability_of(answers, 4)
    assert stability_of(answers, 4) != stability_of(answers, 4, seed=2)


def test_a_large_wave_is_resampled_in_part(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, n=4 * RESAMPLED_UNITS)
    assert min(stability_of(answers, 3)) > 0.99


def test_a_cluster_of_nobody_has_no_stability(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids)
    labels = np.zeros(len(answers), dtype=int)
    assert cluster_stability(answers, labels, 2, n_bootstraps=3, seed=1)[1] == 0


def test_pairs_of_labels_are_counted() -> None:
    counts = contingency(np.array([0, 0, 1, 1]), np.array([2, 2, 0, 1]), (2, 3))
    assert counts.tolist() == [[0, 0, 2], [1, 1, 0]]
