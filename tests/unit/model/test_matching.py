import itertools
from random import Random

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_model.discovery import Matching, match_personas
from dtc_model.rule import FloatArray, PersonaModel
from hypothesis import given
from hypothesis import strategies as st


def moved_centroids(catalogue: Catalogue, n_clusters: int, seed: int) -> FloatArray:
    """Make clusters near the personas first, and anywhere after them."""
    rng = np.random.default_rng(seed)
    extra = rng.uniform(-10, 10, (max(0, n_clusters - len(catalogue.personas)), len(catalogue.features)))
    near = catalogue.centroids[:n_clusters] + rng.normal(0, 2, catalogue.centroids[:n_clusters].shape)
    return np.vstack([near, extra])


@given(n_clusters=st.integers(2, 6), seed=st.integers(0, 10_000), random=st.randoms(use_true_random=False))
def test_permuting_the_clusters_changes_nothing(
    catalogue: Catalogue, n_clusters: int, seed: int, random: Random
) -> None:
    centroids = moved_centroids(catalogue, n_clusters, seed)
    order = list(range(n_clusters))
    random.shuffle(order)
    straight, permuted = match_personas(centroids, catalogue), match_personas(centroids[order], catalogue)
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
    assert match_personas(corners[chosen], small_catalogue) == match_personas(corners[again], small_catalogue)


@given(seed=st.integers(0, 10_000))
def test_as_many_clusters_as_personas_keep_all_ids_and_names_in_the_order_of_the_catalogue(
    catalogue: Catalogue, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    centroids = rng.uniform(-20, 20, catalogue.centroids.shape)
    matching = match_personas(centroids, catalogue)
    model = matching.to_model(catalogue, {})
    assert matching.complete
    assert not matching.missing
    assert (model.persona_ids, model.persona_names) == (catalogue.persona_ids, catalogue.persona_names)
    assert sorted(model.centroids.tolist()) == sorted(centroids.tolist())


@given(seed=st.integers(0, 10_000))
def test_no_other_assignment_moves_the_personas_less(catalogue: Catalogue, seed: int) -> None:
    centroids = np.random.default_rng(seed).uniform(-20, 20, catalogue.centroids.shape)
    total = sum(match.moved or 0.0 for match in match_personas(centroids, catalogue).matches)
    every_total = [
        np.linalg.norm(catalogue.centroids - centroids[list(order)], axis=1).sum()
        for order in itertools.permutations(range(len(centroids)))
    ]
    assert total == pytest.approx(min(every_total))


def test_a_cluster_nearest_to_two_personas_goes_where_that_moves_both_the_least(small_catalogue: Catalogue) -> None:
    theo, greta = small_catalogue.centroids
    way = greta - theo
    between, beyond = theo + 0.6 * way, theo + 2 * way
    # The cluster between them is the nearest to both; Greta's distance to the other one is the shorter.
    matches = match_personas([between, beyond], small_catalogue).matches
    assert [match.persona for match in matches] == ["Thrifty Theo", "Green Greta"]
    assert [match.centroid for match in matches] == [pytest.approx(tuple(between)), pytest.approx(tuple(beyond))]


def test_the_distance_moved_is_in_scaled_units(small_catalogue: Catalogue) -> None:
    theo, greta = small_catalogue.centroids
    matches = match_personas(
        [theo, greta + np.array([3.0, 0.0, 40.0])], small_catalogue
    ).matches  # visits are divided by 10
    assert [match.moved for match in matches] == pytest.approx([0.0, 5.0])


def with_clusters(catalogue: Catalogue, n_clusters: int) -> Matching:
    return match_personas(moved_centroids(catalogue, n_clusters, 1), catalogue)


@pytest.mark.parametrize("n_extra", [1, 2, 4])
def test_more_clusters_than_personas_become_unnamed_segments_with_new_ids(catalogue: Catalogue, n_extra: int) -> None:
    matching = with_clusters(catalogue, len(catalogue.personas) + n_extra)
    named, segments = matching.matches[: len(catalogue.personas)], matching.matches[len(catalogue.personas) :]
    assert [(match.persona_id, match.persona) for match in named] == list(
        zip(catalogue.persona_ids, catalogue.persona_names, strict=True)
    )
    largest = max(catalogue.persona_ids)
    assert [(match.persona_id, match.persona, match.moved) for match in segments] == [
        (largest + number, f"unnamed segment {number}", None) for number in range(1, n_extra + 1)
    ]
    assert not matching.complete
    assert not matching.missing


def test_fewer_clusters_than_personas_leave_the_rest_missing_and_move_no_id(catalogue: Catalogue) -> None:
    centroids = catalogue.centroids[[2, 0]]
    matching = match_personas(centroids, catalogue)
    assert not matching.complete
    assert matching.missing == (catalogue.persona_names[1],)
    model = matching.to_model(catalogue, {})
    assert model.persona_ids == (catalogue.persona_ids[0], catalogue.persona_ids[2])
    assert np.array_equal(model.centroids, catalogue.centroids[[0, 2]])


def test_the_catalogues_own_centroids_do_not_move(catalogue: Catalogue) -> None:
    matching = match_personas(catalogue.centroids[::-1], catalogue)
    assert [match.moved for match in matching.matches] == [0.0] * len(catalogue.personas)
    again, original = matching.to_model(catalogue, {}), PersonaModel.from_catalogue(catalogue)
    assert np.array_equal(again.centroids, original.centroids)


def test_as_a_list_the_matches_say_who_moved_how_far(catalogue: Catalogue) -> None:
    entries = with_clusters(catalogue, len(catalogue.personas)).to_list()
    assert [set(entry) for entry in entries] == [{"persona_id", "persona", "moved"}] * len(entries)
