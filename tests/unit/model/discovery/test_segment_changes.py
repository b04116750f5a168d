"""New, split, merged and vanished segments on simulated waves, and none where only the spread or the mix changed."""

import numpy as np
import numpy.typing as npt
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import SegmentChange, find_segment_changes
from dtc_model.discovery.segment_changes import between
from dtc_model.rule import SegmentModel
from fakes.waves import JANUARY, MARCH, answers_around

Floats = npt.NDArray[np.float64]


def segments_of(catalogue: Catalogue, current: Floats, reference: Floats | None = None) -> list[SegmentChange]:
    before = answers_around(catalogue.centroids, *JANUARY) if reference is None else reference
    model = SegmentModel.from_catalogue(catalogue)
    return find_segment_changes(
        model, before, current, spread=2.0, smallest_share=0.02, stability=0.75, n_bootstraps=20
    )


def elsewhere(catalogue: Catalogue, seed: int) -> Floats:
    """Return a point six spreads away from the first persona."""
    way = np.random.default_rng(seed).normal(size=len(catalogue.features))
    return np.asarray(catalogue.centroids[0] + 12 * way / np.linalg.norm(way))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("counts", [[167, 167, 166], [300, 150, 50], [34, 33, 33]])
@pytest.mark.parametrize("std", [2.0, 3.1])
def test_the_same_segments_in_any_mix_and_with_any_spread_are_no_change(
    catalogue: Catalogue, std: float, counts: list[int], seed: int
) -> None:
    assert segments_of(catalogue, answers_around(catalogue.centroids, std, seed, counts)) == []


def test_the_shipped_march_has_no_other_segments_than_january(catalogue: Catalogue) -> None:
    assert segments_of(catalogue, answers_around(catalogue.centroids, *MARCH)) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_new_segment_is_named_with_its_share_and_the_segment_that_its_people_get(
    catalogue: Catalogue, seed: int
) -> None:
    centres = np.vstack([catalogue.centroids, elsewhere(catalogue, seed)])
    (found,) = segments_of(catalogue, answers_around(centres, 2.0, seed, [150, 150, 140, 60]))
    assert found.kind == "new"
    assert found.share == pytest.approx(0.12, abs=0.01)
    assert found.words.startswith("12% of units form a group that no segment describes")
    assert found.words.endswith(found.segments[0])


def test_two_new_segments_are_both_named(catalogue: Catalogue) -> None:
    centres = np.vstack([catalogue.centroids, np.full(10, 9.0), np.full(10, -9.0)])
    found = segments_of(catalogue, answers_around(centres, 2.0, 1))
    assert [segment_change.kind for segment_change in found] == ["new", "new"]


def test_a_segment_that_was_in_the_reference_wave_already_is_not_new(catalogue: Catalogue) -> None:
    centres = np.vstack([catalogue.centroids, elsewhere(catalogue, 1)])
    before, now = (answers_around(centres, 2.0, seed, [150, 150, 140, 60]) for seed in (1, 2))
    assert segments_of(catalogue, now, reference=before) == []


def test_a_few_outliers_are_no_segment(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids)
    answers[:5] = 60.0
    assert segments_of(catalogue, answers) == []


def test_a_segment_whose_people_went_two_ways_has_split(catalogue: Catalogue) -> None:
    steve, haley, bella = catalogue.centroids
    way = np.full(10, 5 / np.sqrt(10))
    (found,) = segments_of(
        catalogue, answers_around([steve, haley + way, haley - way, bella], 2.0, 1, [167, 83, 83, 167])
    )
    assert (found.kind, found.segments) == ("split", (catalogue.segment_names[1],))
    assert found.words.startswith(f"{catalogue.segment_names[1]} has split into two groups")


def test_two_segments_whose_people_came_together_have_merged(catalogue: Catalogue) -> None:
    steve, haley, bella = catalogue.centroids
    middle = (steve + haley) / 2
    (found,) = segments_of(catalogue, answers_around([middle, middle, bella], 2.0, 1))
    assert (found.kind, found.segments) == ("merged", catalogue.segment_names[:2])
    assert "Sustainable Steve and Eco-Conscious Haley have merged" in found.words


def test_segments_that_were_never_apart_do_not_merge(small_catalogue: Catalogue) -> None:
    answers = np.random.default_rng(1).normal(small_catalogue.centroids.mean(axis=0), [3, 3, 30], (500, 3))
    model = SegmentModel.from_catalogue(small_catalogue)
    found = find_segment_changes(
        model, answers[:250], answers[250:], spread=3.0, smallest_share=0.02, stability=0.75, n_bootstraps=5
    )
    assert found == []


def test_a_segment_without_people_has_vanished(catalogue: Catalogue) -> None:
    (found,) = segments_of(catalogue, answers_around(catalogue.centroids, 2.0, 1, [247, 250, 3]))
    assert (found.kind, found.segments) == ("vanished", (catalogue.segment_names[2],))
    assert found.words == "Bargain-Hunting Bella has vanished: 0.6% of units are left, 33.2% were"


def test_too_few_distinct_answers_for_more_clusters_are_no_error(small_catalogue: Catalogue) -> None:
    answers = np.repeat(small_catalogue.centroids, 20, axis=0)
    model = SegmentModel.from_catalogue(small_catalogue)
    assert (
        find_segment_changes(model, answers, answers, spread=1.0, smallest_share=0.02, stability=0.75, n_bootstraps=3)
        == []
    )


def test_units_between_two_centres_are_counted_against_those_at_them() -> None:
    rng = np.random.default_rng(1)
    cut = rng.normal(size=(20_000, 1))
    assert between(cut, (cut[:, 0] > 0).astype(int), (0, 1)) == pytest.approx(1.38, abs=0.1)
    apart = np.vstack([rng.normal(0, 1, (10_000, 1)), rng.normal(5, 1, (10_000, 1))])
    assert between(apart, np.repeat([0, 1], 10_000), (0, 1)) < 0.15
    assert between(apart, np.zeros(20_000, dtype=int), (0, 1)) == float("inf")
