"""The verdict on respondents who carry weights."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_monitoring import DriftCheckError, assess_drift
from fakes.few_features import draw


def test_weights_turn_a_lopsided_sample_into_the_population(few: Catalogue) -> None:
    lopsided = draw(few, 2, 2_000, [0.6, *[0.4 / (len(few.segments) - 1)] * (len(few.segments) - 1)])
    nearest = ((lopsided.to_numpy()[:, None, :] - few.centroids) ** 2).sum(axis=2).argmin(axis=1)
    target = 1 / len(few.segments)
    weights = np.where(nearest == 0, target / 0.6, (1 - target) / 0.4)
    assert assess_drift(draw(few, 1), lopsided, few).status == "mix_shift"
    verdict = assess_drift(draw(few, 1), lopsided.assign(weight=weights), few)
    assert verdict.status == "stable"
    assert verdict.shares[0].after == pytest.approx(target, abs=0.04)
    assert verdict.basis.effective_current < 1_990  # type: ignore[operator]


def test_equal_weights_change_nothing(few: Catalogue) -> None:
    reference, current = draw(few, 1), draw(few, 2)
    weighted = assess_drift(reference.assign(weight=2.5), current.assign(weight=0.1), few)
    assert weighted == assess_drift(reference, current, few)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([-1.0], "holds a weight below 0"),
        ([np.nan, np.nan], "lacks the weights of 2 of 500 respondents: all need one, or none"),
        ([np.inf], "holds infinite numbers"),
        ([0.0] * 500, "holds a weight below 0, or nothing but 0"),
    ],
)
def test_weights_that_cannot_be_used_raise(few: Catalogue, weights: list[float], words: str) -> None:
    current = draw(few, 2).assign(weight=[*weights, *[1.0] * (500 - len(weights))])
    with pytest.raises(DriftCheckError, match=f"column 'weight' of the current wave {words}"):
        assess_drift(draw(few, 1), current, few)


def test_whoever_has_the_weight_0_is_left_out(few: Catalogue) -> None:
    current = draw(few, 2)
    weights = np.random.default_rng(5).uniform(0.5, 2, 500)
    with_others = pd.concat([current.assign(weight=weights), draw(few, 3).assign(weight=0.0) + 9])
    with_others["weight"] = [*weights, *[0.0] * 500]
    verdict = assess_drift(draw(few, 1), with_others, few)
    assert verdict == assess_drift(draw(few, 1), current.assign(weight=weights), few)
    assert verdict.n_current == 500


def test_the_catalogue_names_the_column_with_the_weights(few: Catalogue) -> None:
    current = draw(few, 2)
    weights = np.random.default_rng(5).uniform(0.5, 2, 500)
    renamed = Catalogue.model_validate(few.model_dump() | {"columns": {"weight": "Gewicht"}})
    verdict = assess_drift(draw(few, 1), current.assign(Gewicht=weights, weight=-1), renamed)
    assert verdict == assess_drift(draw(few, 1), current.assign(weight=weights), few)


def test_the_marks_of_single_columns_count_weights(few: Catalogue) -> None:
    halves = [draw(few, seed).assign(weight=weight) for seed, weight in ((2, 1.0), (3, 1e-6))]
    halves[1].iloc[:, :-1] += 5
    both = pd.concat(halves, ignore_index=True)
    assert all(column.drifted for column in assess_drift(draw(few, 1), both.drop(columns="weight"), few).columns)
    assert not any(column.drifted for column in assess_drift(draw(few, 1), both, few).columns)
