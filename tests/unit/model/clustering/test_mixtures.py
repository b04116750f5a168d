"""Mixtures of mixed features: how they are found, and how many segments there are."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_model.clustering import (
    FREE,
    FeatureColumns,
    Memory,
    MixedTable,
    find_mixture,
    search_mixtures,
    search_stepmix,
)
from dtc_model.discovery import PlantedMixture
from dtc_model.rule import Spread
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture


def prepared(features: pd.DataFrame) -> MixedTable:
    return MixedTable.prepare(features, FeatureColumns.take(features).features())


def searched(features: pd.DataFrame, ks: range) -> Any:
    table = prepared(features)
    return search_mixtures(table.units, ks, table.coordinates, seed=0)


def test_on_many_numbers_it_finds_what_scikit_learn_finds() -> None:
    features, _ = PlantedMixture.plant(n_segments=3, n_numbers=4, n_categories=0, seed=3).draw(3_000)
    table = prepared(features)
    found = search_mixtures(table.units, [3], table.coordinates, seed=0)[3].found
    peer = GaussianMixture(3, covariance_type="tied", n_init=5, random_state=0).fit(table.units.units.numbers)
    assert adjusted_rand_score(peer.predict(table.units.units.numbers), found.labels) > 0.99
    assert np.sort(found.parameters.shares) == pytest.approx(np.sort(peer.weights_), abs=0.01)


def test_stepmix_and_ours_agree_where_spreads_are_alike() -> None:
    features, planted = PlantedMixture.plant(noise="low", seed=1).draw(600)
    table = prepared(features)
    ours = search_mixtures(table.units, [6], table.coordinates, seed=0)[6].found
    peer = search_stepmix(table.units, 6, seed=0)
    assert adjusted_rand_score(ours.labels, peer.labels) > 0.98
    assert adjusted_rand_score(planted, peer.labels) > 0.97


def test_with_few_units_the_evidence_finds_the_segments_that_bic_does_not() -> None:
    numbers: dict[str, list[int]] = {"evidence": [], "bic": []}
    for seed in range(3):
        features, _ = PlantedMixture.plant(noise="high", seed=seed).draw(100)
        found = searched(features, range(1, 9))
        numbers["evidence"].append(max(found.values(), key=lambda mixture: mixture.log_evidence).k)
        numbers["bic"].append(min(found.values(), key=lambda mixture: mixture.bic).k)
    assert all(4 <= k <= 7 for k in numbers["evidence"])
    assert max(numbers["bic"]) < min(numbers["evidence"])


@pytest.mark.parametrize(("spread", "correlation", "scales"), [("tied", 0.9, (1.0, 1.0)), ("own", 0.0, (0.3, 3.0))])
def test_segments_that_spread_otherwise_are_not_cut_in_pieces(
    spread: Spread, correlation: float, scales: tuple[float, float]
) -> None:
    random = np.random.default_rng(4)
    covariance = np.array([[1.0, correlation], [correlation, 1.0]])
    parts = [random.multivariate_normal([0, 8 * at], covariance * scales[at] ** 2, 400) for at in range(2)]
    features = pd.DataFrame(np.vstack(parts), columns=["length", "width"])
    found = max(searched(features, range(1, 7)).values(), key=lambda mixture: mixture.log_evidence)
    assert (found.k, found.found.parameters.spread) == (2, spread)


def test_the_likelihood_does_not_fall_while_a_mixture_is_improved() -> None:
    features, planted = PlantedMixture.plant(noise="high", seed=2).draw(400)
    table = prepared(features)
    start = np.eye(6)[np.random.default_rng(0).permutation(planted)]
    gained = [
        find_mixture(table.units, start, "pooled", most_steps=steps, tolerance=0.0).log_likelihood
        for steps in (1, 2, 4, 8, 16, 32)
    ]
    assert (np.diff(gained) > -1e-6 * abs(gained[0])).all()


def test_gaps_cost_little_where_the_other_features_tell() -> None:
    features, planted = PlantedMixture.plant(noise="low", seed=5).draw(400)
    gaps = features.mask(np.random.default_rng(0).random(features.shape) < 0.2)
    found = searched(gaps, range(6, 7))[6].found
    assert adjusted_rand_score(planted, found.labels) > 0.9


def test_a_held_unit_stays_and_draws_its_segment_after_it() -> None:
    features, planted = PlantedMixture.plant(noise="low", seed=6).draw(60)
    table = prepared(features)
    held = np.full(60, FREE)
    held[:5] = (planted[:5] + 1) % 6
    found = find_mixture(table.units, np.eye(6)[planted], "pooled", held=held)
    assert np.array_equal(found.labels[:5], held[:5])
    assert np.array_equal(found.labels[5:], planted[5:])


def test_what_is_remembered_holds_segments_back() -> None:
    before, planted = PlantedMixture.plant(noise="low", seed=7).draw(300)
    moved = before.assign(**{str(name): before[name] + before[name].std() for name in before.filter(like="number")})
    table, start = prepared(before), np.eye(6)[planted]
    then = table.units.original(find_mixture(table.units, start, "pooled").parameters)
    now = prepared(moved).units
    memory = Memory(now.standardised(then), float(len(now)))
    freely, holding = (
        now.original(find_mixture(now, start, "pooled", memory=kept).parameters).means for kept in (None, memory)
    )
    way = (holding - then.means) / (freely - then.means)
    assert np.median(way) == pytest.approx(0.5, abs=0.05)


def test_the_same_seed_gives_the_same_mixture_to_the_last_digit() -> None:
    features, _ = PlantedMixture.plant(noise="high", seed=8).draw(150)
    first, again = (searched(features, range(3, 5)) for _ in range(2))
    for k in (3, 4):
        assert first[k].log_evidence == again[k].log_evidence
        assert np.array_equal(first[k].found.responsibilities, again[k].found.responsibilities)
