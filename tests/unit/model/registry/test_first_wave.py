"""A catalogue beside the answers of its first wave: what looks wrong is said before anything is registered."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.catalogue import answer_matrix
from dtc_data.surveys import read_big_five
from dtc_data.synthetic import make_wave
from dtc_model.registry.first_wave import FEWEST_UNITS, suspicions
from fakes.catalogues import BIG_FIVE_CATALOGUE
from fakes.mixed_features import mixed_catalogue

Floats = npt.NDArray[np.float64]


def wave_of(catalogue: Catalogue, n_units: int = 500, spread: float = 2.0) -> Floats:
    return answer_matrix(make_wave(catalogue, n_units, spread, 1, Wave(2025, 1)), catalogue.features)


def with_centroids(catalogue: Catalogue, centroids: Floats) -> Catalogue:
    """Return the catalogue with other centroids, and no ranges that would refuse them."""
    free: dict[str, Any] = {"type": "number", "minimum": None, "maximum": None}
    return catalogue.model_copy(
        update={
            "features": tuple(feature.model_copy(update=free) for feature in catalogue.features),
            "segments": tuple(
                segment.model_copy(update={"centroid": tuple(row.tolist())})
                for segment, row in zip(catalogue.segments, centroids, strict=True)
            ),
        }
    )


@pytest.fixture(scope="module")
def big_five() -> tuple[Catalogue, Floats]:
    """The Big Five survey: answers that overlap widely, some missing, some reversed, and centroids that fit."""
    catalogue = load_catalogue(BIG_FIVE_CATALOGUE)
    return catalogue, answer_matrix(read_big_five(), catalogue.features)


def test_a_catalogue_that_fits_is_not_suspected(catalogue: Catalogue, big_five: tuple[Catalogue, Floats]) -> None:
    assert suspicions(catalogue, wave_of(catalogue)) == []
    assert suspicions(mixed_catalogue(), wave_of(mixed_catalogue(), spread=0.3)) == []
    assert suspicions(*big_five) == []
    own, answers = big_five
    assert suspicions(with_centroids(own, own.centroids + 0.5), answers) == [], "a population may differ a little"


@pytest.mark.parametrize("data", ["shipped", "big five"])
def test_z_scores_are_recognised(catalogue: Catalogue, big_five: tuple[Catalogue, Floats], data: str) -> None:
    own, answers = (catalogue, wave_of(catalogue)) if data == "shipped" else big_five
    z_scores = (own.centroids - np.nanmean(answers, axis=0)) / np.nanstd(answers, axis=0)
    found = suspicions(with_centroids(own, z_scores), answers)
    assert "look like z-scores" in found[-1]
    assert "centroid_units: z" in found[-1]


def test_reversed_items_are_named(big_five: tuple[Catalogue, Floats]) -> None:
    own, answers = big_five
    centroids = own.centroids.copy()
    for name in ("a4", "e3"):
        position = own.feature_names.index(name)
        centroids[:, position] = 7 - centroids[:, position]
    (found,) = suspicions(with_centroids(own, centroids), answers)
    assert found.startswith("a4, e3 may be reversed")


def test_another_scale_is_told_with_both_ranges(big_five: tuple[Catalogue, Floats]) -> None:
    own, answers = big_five
    (found,) = suspicions(with_centroids(own, own.centroids * 20), answers)
    assert "do not lie among the answers" in found
    assert (
        "Another scale? Answers to o1 (and 24 more) lie between 1 and 6, its centroids between 89.708 and 101.688"
        in found
    )


def test_an_empty_segment_is_named(catalogue: Catalogue) -> None:
    answers = wave_of(catalogue)
    own = answers[np.argmin([((answers - one) ** 2).sum(axis=1) for one in catalogue.centroids], axis=0) != 1]
    found = suspicions(catalogue, own)
    assert found == [f"nobody of {len(own)} respondents is nearest to the persona 'Eco-Conscious Haley'"]


def test_few_respondents_raise_no_suspicion(catalogue: Catalogue) -> None:
    answers = np.repeat(catalogue.centroids[:1], FEWEST_UNITS - 1, axis=0)
    assert suspicions(catalogue, answers) == []


def test_features_that_say_nothing_do_no_harm(catalogue: Catalogue) -> None:
    answers = wave_of(catalogue)
    answers[:, 0] = 3.0
    assert suspicions(catalogue, answers) == []
