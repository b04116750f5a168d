import itertools
from random import Random

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import Matching, match_segments
from dtc_model.rule import FloatArray, SegmentModel
from hypothesis import given
from hypothesis import strategies as st


def moved_centroids(catalogue: Catalogue, n_clusters: int, seed: int) -> FloatArray:
    """Make clusters near the personas first, and anywhere after them."""
    rng = np.random.default_rng(seed)
    extra = rng.uniform(-10, 10, (max(0, n_clusters - len(catalogue.segments)), len(catalogue.features)))
    near = catalogue.centroids[:n_clusters] + rng.normal(0, 2, catalogue.centroids[:n_clusters].shape)
    return np.vstack([near, extra])


@given(n_clusters=st.integers(2, 6), seed=st.integers(0, 10_000), random=st.randoms(use_true_random=False))
def test_permuting_the_clusters_changes_nothing(
    catalogue: Catalogue, n_clusters: int, seed: int, random: Random
) -> None:
    centroids = moved_centroids(catalogue, n_clusters, seed)
    order = list(range(n_clusters))
    random.shuffle(order)
    straight, permuted = match_segments(centroids, catalogue), match_segments(centroids[order], catalogue)
    assert straight == permuted
    answers = np.random.default_rng(seed).uniform(-12, 12, (200, len(catalogue.features)))
    one, other = (matching.to_model(catalogue, {}).label(answers) for matching in (straight, permuted))
    assert np.array_equal(one, other)


@given(data=st.data())
def test_permuting_clusters_that_lie_equally_far_changes_nothing_either(
    small_catalogue: Catalogue, data: st.DataObject
) -> None:
    corners = np.array(list(itertools.product([0.0, 1.0], repeat=3)))  # many ties
    chosen = data.draw(st.lists(st.sampled_from(range(8)), min_size=2, max_size=5, unique=True))
    again = data.draw(st.permutations(chosen))
    assert match_segments(corners[chosen], small_catalogue) == match_segments(corners[again], small_catalogue)


@given(seed=st.integers(0, 10_000))
def test_as_many_clusters_as_segments_keep_all_ids_and_names_in_the_order_of_the_catalogue(
    catalogue: Catalogue, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    centroids = rng.uniform(-20, 20, catalogue.centroids.shape)
    matching = match_segments(centroids, catalogue)
    model = matching.to_model(catalogue, {})
    assert matching.complete
    assert not matching.missing
    assert (model.segment_ids, model.segment_names) == (catalogue.segment_ids, catalogue.segment_names)
    assert sorted(model.centroids.tolist()) == sorted(centroids.tolist())


@given(seed=st.integers(0, 10_000))
def test_no_other_assignment_moves_the_segments_less(catalogue: Catalogue, seed: int) -> None:
    centroids = np.random.default_rng(seed).uniform(-20, 20, catalogue.centroids.shape)
    total = sum(match.moved or 0.0 for match in match_segments(centroids, catalogue).matches)
    every_total = [
        np.linalg.norm(catalogue.centroids - centroids[list(order)], axis=1).sum()
        for order in itertools.permutations(range(len(centroids)))
    ]
    assert total == pytest.approx(min(every_total))


def test_a_cluster_nearest_to_two_segments_goes_where_that_moves_both_the_least(small_catalogue: Catalogue) -> None:
    theo, greta = small_catalogue.centroids
    way = greta - theo
    between, beyond = theo + 0.6 * way, theo + 2 * way
    # The cluster between them is the nearest to both; Greta's distance to the other one is the shorter.
    matches = match_segments([between, beyond], small_catalogue).matches
    assert [match.segment for match in matches] == ["Thrifty Theo", "Green Greta"]
    assert [match.centroid for match in matches] == [pytest.approx(tuple(between)), pytest.approx(tuple(beyond))]


def test_the_distance_moved_is_in_scaled_units(small_catalogue: Catalogue) -> None:
    theo, greta = small_catalogue.centroids
    matches = match_segments(
        [theo, greta + np.array([3.0, 0.0, 40.0])], small_catalogue
    ).matches  # visits are divided by 10
    assert [match.moved for match in matches] == pytest.approx([0.0, 5.0])


def with_clusters(catalogue: Catalogue, n_clusters: int) -> Matching:
    return match_segments(moved_centroids(catalogue, n_clusters, 1), catalogue)


@pytest.mark.parametrize("n_extra", [1, 2, 4])
def test_more_clusters_than_segments_become_unnamed_segments_with_new_ids(catalogue: Catalogue, n_extra: int) -> None:
    matching = with_clusters(catalogue, len(catalogue.segments) + n_extra)
    named, segment_changes = matching.matches[: len(catalogue.segments)], matching.matches[len(catalogue.segments) :]
    assert [(match.segment_id, match.segment) for match in named] == list(
        zip(catalogue.segment_ids, catalogue.segment_names, strict=True)
    )
    largest = max(catalogue.segment_ids)
    assert [(match.segment_id, match.segment, match.moved) for match in segment_changes] == [
        (largest + number, f"unnamed segment {number}", None) for number in range(1, n_extra + 1)
    ]
    assert not matching.complete
    assert not matching.missing


def test_fewer_clusters_than_segments_leave_the_rest_missing_and_move_no_id(catalogue: Catalogue) -> None:
    centroids = catalogue.centroids[[2, 0]]
    matching = match_segments(centroids, catalogue)
    assert not matching.complete
    assert matching.missing == (catalogue.segment_names[1],)
    model = matching.to_model(catalogue, {})
    assert model.segment_ids == (catalogue.segment_ids[0], catalogue.segment_ids[2])
    assert np.array_equal(model.centroids, catalogue.centroids[[0, 2]])


def test_the_catalogues_own_centroids_do_not_move(catalogue: Catalogue) -> None:
    matching = match_segments(catalogue.centroids[::-1], catalogue)
    assert [match.moved for match in matching.matches] == [0.0] * len(catalogue.segments)
    again, original = matching.to_model(catalogue, {}), SegmentModel.from_catalogue(catalogue)
    assert np.array_equal(again.centroids, original.centroids)


def test_as_a_list_the_matches_say_who_moved_how_far(catalogue: Catalogue) -> None:
    entries = with_clusters(catalogue, len(catalogue.segments)).to_list()
    assert [set(entry) for entry in entries] == [{"segment_id", "segment", "moved"}] * len(entries)
