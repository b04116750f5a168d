import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from dtc_model.discovery import tiers
from dtc_model.errors import AnswersError, TrainingError
from dtc_model.rule import FloatArray, MixtureModel
from sklearn.metrics import adjusted_rand_score


def planted(seed: int, n_units: int = 1_000, distance: float = 2.75) -> tuple[FloatArray, npt.NDArray[np.str_]]:
    """Draw revenues whose tiers lie so many standard deviations apart."""
    random = np.random.default_rng(seed)
    tier = random.choice(3, n_units, p=[0.05, 0.15, 0.80])
    return np.exp(13 + 0.4 * (distance * (2 - tier) + random.normal(size=n_units))), np.array(["A", "B", "C"])[tier]


def test_planted_tiers_are_found_again() -> None:
    found = [adjusted_rand_score(tier, tiers(revenue).labels) for revenue, tier in map(planted, range(10))]
    assert np.mean(found) >= 0.77


def test_a_larger_revenue_is_never_in_a_lower_tier_and_the_cuts_say_where_tiers_begin() -> None:
    revenue, _ = planted(1)
    found = tiers(revenue)
    ordered = found.labels[np.argsort(-revenue)].tolist()
    assert ordered == sorted(ordered)
    by_cut = np.where(revenue >= found.cuts[0], "A", np.where(revenue >= found.cuts[1], "B", "C"))
    assert np.array_equal(by_cut, found.labels)
    assert f"A from {found.cuts[0]:,.0f}," in found.words


def test_the_shares_come_from_the_data_and_lie_near_what_was_planted() -> None:
    revenue, _ = planted(2, 5_000)
    found = tiers(revenue)
    assert found.document.parameters.shares == pytest.approx([0.05, 0.15, 0.80], abs=0.03)


def test_stores_without_revenue_have_no_tier() -> None:
    revenue, _ = planted(3)
    revenue[:3] = [0.0, np.nan, -5.0]
    found = tiers(pd.Series(revenue))
    assert found.labels[:3].tolist() == ["", "", ""]
    assert np.isnan(found.probabilities[:3]).all()
    assert "3 without revenue have no tier" in found.words


def test_the_document_gives_new_stores_their_tier() -> None:
    found = tiers(planted(4)[0])
    again = MixtureModel.from_json(found.document.to_json())
    new = pd.DataFrame({"revenue": planted(5)[0]})
    assert np.array_equal(again.label(new), found.document.label(new))
    assert again.segment_names == ("A", "B", "C")


def test_too_few_or_equal_revenues_have_no_tiers() -> None:
    for revenue in (planted(1, 20)[0], np.full(100, 7.0), np.zeros(100)):
        with pytest.raises(TrainingError, match="three tiers cannot be told apart"):
            tiers(revenue)
    with pytest.raises(AnswersError, match="'revenue'"):
        tiers(np.full(100, np.inf))
