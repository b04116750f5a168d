"""Below the size at which a check could find anything, it says that it cannot tell, and which size would do."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import Words
from dtc_monitoring import DriftVerdict, assess_drift
from dtc_monitoring.reference import WaveAnswers
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict.smallest_waves import too_few_carry_the_weight, too_few_to_find

PEOPLE = Words("respondent", "respondents", "persona", "personas")


def drawn(catalogue: Catalogue, seed: int, n_units: int, shift: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    centroids = catalogue.centroids[random.integers(len(catalogue.segments), size=n_units)]
    answers = centroids + random.normal(scale=2.0, size=centroids.shape)
    answers[:, 0] += shift
    return pd.DataFrame(answers, columns=list(catalogue.feature_names))


@pytest.mark.parametrize(("n_reference", "n_current"), [(2, 4), (4, 2), (1, 1), (20, 20), (500, 5), (5, 500)])
def test_a_handful_of_respondents_is_no_all_clear(catalogue: Catalogue, n_reference: int, n_current: int) -> None:
    verdict = assess_drift(drawn(catalogue, 1, n_reference), drawn(catalogue, 2, n_current), catalogue)
    assert verdict.status == "cannot_tell"
    assert verdict.reason.startswith(
        f"{n_current} respondents against {n_reference}" if n_current > 1 else "1 respondent"
    )
    found = verdict.basis
    assert found.enough_reference is not None
    assert found.enough_current is not None
    assert found.enough_reference >= n_reference
    assert found.enough_current >= n_current
    named = found.enough_current if found.enough_current > n_current else found.enough_reference
    assert f"about {named:,} respondents" in verdict.reason
    assert DriftVerdict.from_dict(verdict.to_dict()) == verdict


def test_the_size_that_is_named_does(catalogue: Catalogue) -> None:
    few = assess_drift(drawn(catalogue, 1, 500), drawn(catalogue, 2, 5), catalogue)
    enough = few.basis.enough_current
    assert enough is not None
    assert assess_drift(drawn(catalogue, 1, 500), drawn(catalogue, 2, enough), catalogue).status == "stable"


def test_the_size_that_is_named_finds_a_change_of_one_spread_in_one_feature(catalogue: Catalogue) -> None:
    enough = assess_drift(drawn(catalogue, 1, 500), drawn(catalogue, 2, 5), catalogue).basis.enough_current
    assert enough is not None
    found = [
        assess_drift(drawn(catalogue, seed, 500), drawn(catalogue, seed + 50, enough, shift=2.0), catalogue).status
        for seed in range(20)
    ]
    assert found.count("drift") >= 10
    assert "cannot_tell" not in found


def test_what_is_found_among_few_is_told(catalogue: Catalogue) -> None:
    current = drawn(catalogue, 2, 15)
    moved = current + 6.0
    assert assess_drift(drawn(catalogue, 1, 500), moved, catalogue).status == "drift"


def test_the_size_follows_the_usual_formula_of_a_two_sample_test() -> None:
    def waves(n: int, m: int) -> tuple[WaveAnswers, WaveAnswers]:
        return WaveAnswers(np.zeros((n, 1))), WaveAnswers(np.zeros((m, 1)))

    settings = DriftSettings(false_alarms=0.05)  # quantiles 1.96 and 1.64, together 13.0 when squared
    found = too_few_to_find(*waves(10, 10), PEOPLE, 1, settings)
    assert found is not None
    assert (found.enough_reference, found.enough_current) == (26, 26)
    assert too_few_to_find(*waves(26, 26), PEOPLE, 1, settings) is None
    beside_many = too_few_to_find(*waves(100_000, 5), PEOPLE, 1, settings)
    assert beside_many is not None
    assert (beside_many.enough_reference, beside_many.enough_current) == (100_000, 13)


def test_where_few_carry_the_weight_nothing_can_be_told_however_many_there_are(catalogue: Catalogue) -> None:
    current = drawn(catalogue, 2, 500)
    weights = np.ones(500)
    weights[:5] = 100.0
    verdict = assess_drift(drawn(catalogue, 1, 500), current.assign(weight=weights), catalogue)
    assert verdict.status == "cannot_tell"
    assert "500 respondents of the current wave count like 20 by their weights" in verdict.reason
    assert "2,5" in verdict.reason, "five times as many, and a little more"
    shifted = current + 4.0
    assert assess_drift(drawn(catalogue, 1, 500), shifted.assign(weight=weights), catalogue).status == "cannot_tell"


def test_weights_that_differ_little_are_no_obstacle() -> None:
    random = np.random.default_rng(1)
    weights = random.uniform(0.5, 2, 200)
    waves = [WaveAnswers(np.zeros((200, 1)), weights / weights.mean()), WaveAnswers(np.zeros((3, 1)))]
    assert too_few_carry_the_weight(waves[0], waves[1], PEOPLE) is None
    assert too_few_carry_the_weight(waves[1], waves[0], PEOPLE) is None
