import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import SweepEntry, run_sweep
from dtc_model.errors import AnswersError, TrainingError
from dtc_model.rule import FloatArray
from fakes.waves import answers_around

REFERENCE_FIGURES = {
    # (standard deviation, seed): silhouette, inertia and ratio by k, measured outside this project
    (2.0, 42): {
        2: (0.5890, 42494, 0.01386),
        3: (0.5850, 19729, 0.02965),
        4: (0.4341, 19067, 0.02277),
        5: (0.2909, 18417, 0.01579),
        6: (0.0867, 17869, 0.00485),
        10: (0.0869, 16101, 0.00539),
    },
    (3.1, 5977): {
        2: (0.4751, 71043, 0.00669),
        3: (0.4175, 48298, 0.00864),
        4: (0.3036, 46653, 0.00651),
        5: (0.2357, 45248, 0.00521),
        6: (0.0855, 43781, 0.00195),
        10: (0.0774, 40081, 0.00193),
    },
}


@pytest.mark.parametrize(("month", "figures"), REFERENCE_FIGURES.items(), ids=["january", "march"])
def test_the_reference_figures_come_out(
    catalogue: Catalogue, month: tuple[float, int], figures: dict[int, tuple[float, float, float]]
) -> None:
    sweep = run_sweep(answers_around(catalogue.centroids, *month), catalogue)
    found = {entry.k: entry for entry in sweep.entries}
    assert list(found) == list(range(2, 11))
    for k, (silhouette, inertia, ratio) in figures.items():
        tolerance = 2e-3 if k > 5 else 1e-4  # with more clusters KMeans ends in different splits of one blob
        assert found[k].silhouette == pytest.approx(silhouette, abs=tolerance)
        assert found[k].inertia == pytest.approx(inertia, rel=1e-3)
        assert found[k].silhouette_inertia_ratio == pytest.approx(ratio, abs=1e-4)
    assert sweep.best.k == 3
    assert sweep.n_units == 500


def test_the_best_is_the_largest_ratio_even_where_another_silhouette_is_larger(catalogue: Catalogue) -> None:
    sweep = run_sweep(answers_around(catalogue.centroids, 2, 42), catalogue, ks=[2, 3, 4])
    by_silhouette = max(sweep.entries, key=lambda entry: entry.silhouette)
    assert by_silhouette.k == 2
    assert sweep.best.silhouette_inertia_ratio == max(entry.silhouette_inertia_ratio for entry in sweep.entries)
    assert sweep.best.k == 3


def test_the_same_seed_gives_the_same_sweep_to_the_last_digit(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, 3.1, 7)
    first, again = (run_sweep(answers, catalogue, ks=[3, 6], seed=5) for _ in range(2))
    for one, other in zip(first.entries, again.entries, strict=True):
        assert one.metrics == other.metrics
        assert np.array_equal(one.centroids, other.centroids)


def test_progress_is_told_once_per_k_in_ascending_order(small_catalogue: Catalogue) -> None:
    told: list[SweepEntry] = []
    sweep = run_sweep(
        answers_around(small_catalogue.centroids, 1, 1), small_catalogue, ks=[4, 2, 3, 2], report_progress=told.append
    )
    assert [entry.k for entry in told] == [2, 3, 4]
    assert tuple(told) == sweep.entries


def test_scales_weigh_the_features_and_centroids_stay_in_the_unit_of_the_answers(small_catalogue: Catalogue) -> None:
    unscaled = small_catalogue.model_copy(
        update={"features": tuple(feature.model_copy(update={"scale": 1.0}) for feature in small_catalogue.features)}
    )
    answers = answers_around(unscaled.centroids, 1, 3, 200)
    scaled_sweep = run_sweep(answers, small_catalogue, ks=[2, 3])
    divided_sweep = run_sweep(answers / small_catalogue.scales, unscaled, ks=[2, 3])
    for scaled, divided in zip(scaled_sweep.entries, divided_sweep.entries, strict=True):
        assert scaled.metrics == pytest.approx(divided.metrics)
        assert scaled.centroids == pytest.approx(divided.centroids * small_catalogue.scales)


def repeated(n_distinct: int, times: int = 50) -> FloatArray:
    return np.tile(np.arange(n_distinct * 3.0).reshape(n_distinct, 3), (times, 1))


def test_the_sweep_goes_as_far_as_there_are_distinct_answers_and_says_so(small_catalogue: Catalogue) -> None:
    sweep = run_sweep(repeated(5), small_catalogue)
    assert ([entry.k for entry in sweep.entries], sweep.left_out) == ([2, 3, 4], (5, 6, 7, 8, 9, 10))
    assert sweep.words == (
        "the sweep ended at k = 4 instead of k = 10, since the wave holds only 5 distinct sets of answers"
    )
    assert all(entry.inertia > 0 for entry in sweep.entries)
    whole = run_sweep(repeated(5), small_catalogue, ks=[2, 3, 4])
    assert (len(whole.entries), whole.words) == (3, "")


def test_the_candidate_may_have_a_cluster_for_each_distinct_answer_which_the_ratio_does_not_praise(
    small_catalogue: Catalogue,
) -> None:
    sweep = run_sweep(repeated(3), small_catalogue, ks=[2, 3, 4], candidate_k=3)
    assert ([entry.k for entry in sweep.entries], sweep.left_out) == ([2, 3], (4,))
    exact = sweep.entry(3)
    assert np.sort(exact.centroids, axis=0) == pytest.approx(repeated(3, 1))
    assert (exact.inertia, exact.silhouette, exact.silhouette_inertia_ratio, sweep.best.k) == (0, 1, 0, 2)
    assert all(np.isfinite(figure) for entry in sweep.entries for figure in entry.metrics.values())


def test_the_number_of_segments_is_tried_also_where_it_was_not_asked_for(small_catalogue: Catalogue) -> None:
    assert [entry.k for entry in run_sweep(repeated(9), small_catalogue, ks=[5]).entries] == [2, 5]


@pytest.mark.parametrize(
    ("answers", "n_distinct", "candidate_k"),
    [(repeated(1), 1, 2), (repeated(3), 3, 4), (repeated(2, 1), 2, 2)],
    ids=["all alike", "one too few", "nobody twice"],
)
def test_only_what_the_candidate_needs_is_indispensable(
    small_catalogue: Catalogue, answers: FloatArray, n_distinct: int, candidate_k: int
) -> None:
    message = rf"{n_distinct} distinct sets of answers .*candidate's k = {candidate_k}.*larger wave"
    with pytest.raises(TrainingError, match=message):
        run_sweep(answers, small_catalogue, ks=[2, 4], candidate_k=candidate_k)


@pytest.mark.parametrize("ks", [[1, 2], [0]])
def test_every_k_must_be_at_least_two(small_catalogue: Catalogue, ks: list[int]) -> None:
    with pytest.raises(TrainingError, match="at least 2"):
        run_sweep(answers_around(small_catalogue.centroids, 1, 1), small_catalogue, ks=ks)


def test_a_missing_answer_is_named(small_catalogue: Catalogue) -> None:
    answers = answers_around(small_catalogue.centroids, 1, 1)
    answers[17, 2] = np.nan
    with pytest.raises(AnswersError, match=r"row 17 .*'visits'"):
        run_sweep(answers, small_catalogue)
