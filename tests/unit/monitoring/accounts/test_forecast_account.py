"""Forecasts held to account: worse or miscalibrated beyond chance, and not by chance."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from dtc_monitoring.accounts import account_for, input_drift

PROMISED: dict[str, Any] = {"auc": 0.80, "holdout_customers": 2_000, "base_rate": 0.3}
Floats = npt.NDArray[np.float64]


def drawn(seed: int, n: int = 2_000, noise: float = 0.0) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Return who left and well calibrated probabilities, which tell less the more noise there is."""
    random = np.random.default_rng(seed)
    scores = random.normal(-1.1, 1.35, n)
    truth = 1 / (1 + np.exp(-scores))
    left = random.random(n) < truth
    seen = scores + random.normal(0, noise, n) if noise else scores
    return left, 1 / (1 + np.exp(-seen))


def test_forecasts_that_come_true_keep_their_promise_in_98_of_100_months() -> None:
    kept = [account_for(*drawn(seed), PROMISED).status == "kept" for seed in range(100)]
    assert sum(kept) >= 95


def test_a_ranking_that_got_lost_is_told_as_worse() -> None:
    account = account_for(*drawn(1, noise=2.5), PROMISED)
    assert account.status == "worse"
    assert account.figures["p_worse"] < 0.01
    assert "retrain" in account.words


def test_probabilities_that_are_off_are_told_as_miscalibrated() -> None:
    left, probabilities = drawn(2)
    account = account_for(left, probabilities * 0.6, PROMISED)
    assert account.status == "miscalibrated"
    assert "the ranking holds" in account.words


def test_a_few_customers_prove_nothing() -> None:
    left, probabilities = drawn(5, n=40)
    assert account_for(left, probabilities, PROMISED).status == "kept"


def test_without_a_promise_only_calibration_is_judged() -> None:
    account = account_for(*drawn(3, noise=0.0), {})
    assert account.figures["p_worse"] is None
    assert account.status == "kept"
    assert "promised" not in account.words.split(";")[1].split(",")[0]


def test_segments_are_told_apart() -> None:
    left, probabilities = drawn(4)
    segments = pd.Series(np.where(probabilities > 0.3, "At risk", "Loyal"))
    found = {row["segment"]: row for row in account_for(left, probabilities, PROMISED, segments).figures["by_segment"]}
    assert found["At risk"]["left"] > found["Loyal"]["left"]
    assert sum(row["customers"] for row in found.values()) == 2_000


def test_the_feature_that_moved_most_stands_first() -> None:
    random = np.random.default_rng(0)
    then = pd.DataFrame({"a": random.normal(size=500), "b": random.normal(size=500)})
    now = then.assign(b=then["b"] + 2, a=then["a"].mask(then.index < 50))
    found = input_drift(then, now, ("a", "b"))
    assert [row["feature"] for row in found] == ["b", "a"]
    assert found[0]["distance"] > 0.5
    assert found[1]["missing_now"] == pytest.approx(0.1)
