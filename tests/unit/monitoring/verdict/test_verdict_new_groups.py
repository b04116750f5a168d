"""A group of respondents that only the current wave has."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_monitoring import DriftVerdict, assess_drift
from dtc_monitoring.verdict.evidence import Evidence
from fakes.few_features import catalogue_with, draw

YES_OFTEN = [[1, 1, 1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0, 1, 1, 1, 1]]
"""Ten yes/no questions: which of them a persona mostly answers with yes."""

CATALOGUE = catalogue_with(np.array(YES_OFTEN, dtype=float).tolist())


def yes_and_no(seed: int, counts: list[int]) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    usual = np.array([*YES_OFTEN, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]]).repeat(counts, axis=0)
    answers = np.where(random.random(usual.shape) < 0.1, 1 - usual, usual)
    return pd.DataFrame(answers, columns=[f"q{number}" for number in range(1, 11)])


def new_groups(verdict: DriftVerdict) -> list[Evidence]:
    return [piece for piece in verdict.evidence if piece.name == "a new group"]


@pytest.mark.parametrize("seed", range(5))
def test_fifteen_of_a_hundred_with_yes_and_no_in_an_unknown_pattern_are_a_new_group(seed: int) -> None:
    verdict = assess_drift(yes_and_no(seed, [170, 165, 165, 0]), yes_and_no(100 + seed, [30, 30, 25, 15]), CATALOGUE)
    (group,) = new_groups(verdict)
    assert (verdict.status, group.flagged) == ("drift", True)
    assert group.effect is not None
    assert group.effect > 0.02


@pytest.mark.parametrize(("spread", "strangers", "is_group"), [(3.1, 0, False), (2.0, 60, True)])
def test_units_far_from_every_segment_are_called_a_group_only_if_they_are_most_of_those(
    catalogue: Catalogue, *, spread: float, strangers: int, is_group: bool
) -> None:
    current = draw(catalogue, 2, spread=spread)
    current.iloc[:strangers] = current.iloc[:strangers] + [6, -6] * 5
    (group,) = new_groups(assess_drift(draw(catalogue, 1, spread=2.0), current, catalogue))
    assert group.words.startswith("A group of respondents alike") == is_group
    assert ("need not be a group" in group.words) != is_group


def test_a_group_that_both_waves_have_is_not_new() -> None:
    verdict = assess_drift(yes_and_no(1, [140, 140, 145, 75]), yes_and_no(2, [30, 30, 25, 15]), CATALOGUE)
    assert verdict.status == "stable"
    assert not any(group.flagged for group in new_groups(verdict))


def test_three_strangers_are_no_new_group() -> None:
    verdict = assess_drift(yes_and_no(1, [170, 165, 165, 0]), yes_and_no(2, [33, 33, 31, 3]), CATALOGUE)
    assert verdict.status == "stable"


@pytest.mark.parametrize("in_current", [True, False])
def test_answers_left_out_in_one_wave_look_like_no_new_group(*, in_current: bool) -> None:
    waves = [yes_and_no(1, [170, 165, 165, 0]), yes_and_no(2, [100, 100, 100, 0])]
    waves[in_current] = waves[in_current].mask(np.random.default_rng(3).random(waves[in_current].shape) < 0.2)
    verdict = assess_drift(waves[0], waves[1], CATALOGUE)
    assert verdict.status == "stable"
    (group,) = new_groups(verdict)
    assert group.p_value is not None
    assert group.p_value > 0.05


def test_waves_in_which_nobody_answered_everything_have_no_new_groups() -> None:
    before, after = yes_and_no(1, [170, 165, 165, 0]).astype(float), yes_and_no(2, [30, 30, 40, 0]).astype(float)
    for wave in (before, after):
        wave.iloc[::2, 0], wave.iloc[1::2, 1] = np.nan, np.nan
    verdict = assess_drift(before, after, CATALOGUE)
    assert verdict.status == "stable"
    assert not new_groups(verdict)


def test_no_new_groups_are_looked_for_in_large_waves(few: Catalogue) -> None:
    assert new_groups(assess_drift(draw(few, 1), draw(few, 2), few))
    assert not new_groups(assess_drift(draw(few, 1, 4_000), draw(few, 2, 4_000), few))
