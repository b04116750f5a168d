"""What people answered, question by question, in shares that anybody can read."""

import numpy as np
import pandas as pd
import pytest
from dtc_monitoring.reference import check_answers
from dtc_monitoring.verdict import AnswerShares, DriftVerdict
from dtc_monitoring.verdict.answer_shares import answer_shares
from dtc_monitoring.verdict.evidence import VerdictBasis
from fakes.mixed_features import mixed_catalogue

CATALOGUE = mixed_catalogue(missing_answers={"minimum_answered": 1}, columns={"weight": "weight"})


def households(cars: list[float], regions: list[str], weights: list[float] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"owns_car": cars, "region": regions}).assign(income=1_500.5, calm=2.0, how_often="often")
    frame.loc[0, "income"] = 500.25
    return frame if weights is None else frame.assign(weight=weights)


def shares(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, AnswerShares]:
    waves = [check_answers(frame, CATALOGUE, "current") for frame in (before, after)]
    return {one.name: one for one in answer_shares(waves[0], waves[1], CATALOGUE)}


BEFORE = households([1, 0, 0, 0], ["north", "north", "south", "south"])
AFTER = households([1, 1, 1, np.nan], ["north", "south", "south", "south"])


def test_yes_and_categories_are_told_by_name_and_gaps_count_for_nobody() -> None:
    found = shares(BEFORE, AFTER)

    assert (found["owns_car"].before, found["owns_car"].after) == ({"yes": 0.25}, {"yes": 1.0})
    assert found["region"].before == {"north": 0.5, "south": 0.5, "abroad": 0.0}
    assert found["region"].change == 0.25
    assert found["how_often"].after["often"] == 1.0


def test_numbers_with_many_answers_are_told_by_their_mean() -> None:
    one = shares(BEFORE, AFTER)["income"]

    assert one.before == {}
    assert one.mean_before == pytest.approx((500.25 + 3 * 1_500.5) / 4)


def test_weights_count() -> None:
    weighted = households([1, 0, 0, 0], ["north"] * 4, [3, 1, 0, 2])

    assert shares(BEFORE, weighted)["owns_car"].after["yes"] == pytest.approx(0.5)


def test_they_are_kept_with_the_verdict() -> None:
    answers = tuple(shares(BEFORE, AFTER).values())
    verdict = DriftVerdict("stable", 0.0, 0.5, (), 4, 4, 0.05, VerdictBasis(answers=answers))

    assert DriftVerdict.from_dict(verdict.to_dict()) == verdict
