"""The mixture in production, fitted to another wave: ids survive, held stores stay, and the whole house takes the candidate."""

import numpy as np
import pytest
from dtc_data.catalogue import answer_matrix
from dtc_model.discovery import Sweep, match_entry, model_stability, refit_mixture
from dtc_model.errors import TrainingError
from dtc_model.rule import SegmentMixture, SegmentModel
from fakes.store_catalogue import some_stores, store_catalogue

CATALOGUE = store_catalogue()
PRODUCTION = SegmentModel.from_catalogue(CATALOGUE)


def refitted(held: dict[str, int] | None = None, shift: float = 0.1) -> Sweep:
    stores = some_stores(seed=2, shift=shift)
    answers = answer_matrix(stores, CATALOGUE.features)
    ids = tuple(map(str, stores.index))
    return refit_mixture(answers, CATALOGUE, PRODUCTION, units=ids, held=held or {}, seed=0, n_bootstraps=2)


def test_the_refit_follows_the_stores_and_ids_survive() -> None:
    (entry,) = refitted().entries
    matching = match_entry(entry, CATALOGUE)
    model = matching.to_model(CATALOGUE, {})
    assert matching.complete
    assert isinstance(model, SegmentMixture)
    assert model.segment_ids == (3, 8)
    assert model.centroids[:, 1] == pytest.approx([0.25, 0.55], abs=0.03), "half way: production is remembered"
    assert model.shares == pytest.approx([0.7, 0.3], abs=0.05)


def test_the_same_stores_relabel_nobody() -> None:
    (entry,) = refitted(shift=0.0).entries
    model = match_entry(entry, CATALOGUE).to_model(CATALOGUE, {})
    answers = answer_matrix(some_stores(seed=2), CATALOGUE.features)
    assert (model.label(answers, 1) != PRODUCTION.label(answers, 1)).mean() <= 0.015


def test_a_held_store_pulls_its_segment_and_a_segment_that_is_gone_is_passed_over() -> None:
    free, held = refitted(), refitted({f"S{number}": 8 for number in range(60)} | {"S61": 99})
    assert held.entries[0].shares[1] > free.entries[0].shares[1] + 0.05


def test_a_version_of_another_kind_cannot_be_refitted() -> None:
    other = SegmentModel.of_numbers(("size",), [1.0], [[0.0], [1.0]], (3, 8), ("a", "b"))
    with pytest.raises(TrainingError, match="is not"):
        refit_mixture(np.zeros((2, 3)), CATALOGUE, other, units=("a", "b"), held={}, seed=0, n_bootstraps=1)


def test_segments_of_a_mixture_come_back_as_a_mixture_finds_them() -> None:
    answers = answer_matrix(some_stores(), CATALOGUE.features)
    positions = PRODUCTION.nearest(answers, 1)
    stable = model_stability(PRODUCTION, answers, positions, n_bootstraps=3, seed=0)
    assert (stable > 0.8).all()
