"""A ladder of mistakes that make published figures too good: each shows its figure where nothing guards, and is refused here."""

import numpy as np
import pandas as pd
import pytest
from dtc_data.transactions import BehaviourLines
from dtc_model.errors import CutoffMismatchError, ImmatureLabelsError, SharedCustomersError, SuspiciousScoreError
from dtc_model.prediction import (
    CANDIDATES,
    Candidate,
    Fold,
    LabelledTable,
    Outcome,
    TableMaker,
    TimeSplit,
    assess,
    check_features,
    measure,
    stacked,
)
from fakes.retail_lines import needs_online_retail, online_retail_lines

pytestmark = needs_online_retail

HORIZON = 90
TEST = pd.Timestamp("2011-09-10", tz="UTC")
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def maker() -> TableMaker:
    return TableMaker(BehaviourLines(online_retail_lines()), HORIZON)


@pytest.fixture(scope="module")
def train(maker: TableMaker) -> LabelledTable:
    return stacked(maker, TimeSplit.before(TEST, HORIZON, maker.history_from(TEST)).train, known_at=TEST)


def unguarded(features: pd.DataFrame, outcome: Outcome) -> LabelledTable:
    """Put features beside a label whatever moments they are of, as a spreadsheet would."""
    spent = features["customer_id"].map(outcome.amounts)
    return LabelledTable(
        features.drop(columns="customer_id"),
        features["customer_id"],
        pd.Series(outcome.cutoff, index=features.index),
        spent.isna().to_numpy(dtype=bool),
        spent.fillna(0.0).to_numpy(dtype=float),
        HORIZON,
    )


def test_same_day_features_know_the_label_with_an_auc_of_1(maker: TableMaker) -> None:
    outcome = Outcome.observe(maker.lines, TEST, HORIZON)
    same_day = maker.features(TEST + HORIZON * DAY)

    with pytest.raises(CutoffMismatchError, match="features as of 2011-12-09 00:00 know what the label is made of"):
        LabelledTable.join(same_day, TEST + HORIZON * DAY, outcome)
    with pytest.raises(
        SuspiciousScoreError, match=r"the feature recency_days .*alone tells who leaves with an AUC of 1\.000"
    ):
        check_features(unguarded(same_day, outcome))


def test_totals_of_all_time_are_stopped_by_name(maker: TableMaker) -> None:
    outcome = Outcome.observe(maker.lines, TEST, HORIZON)
    totals = maker.features(TEST + HORIZON * DAY).set_index("customer_id")["amount_ever"]
    before = maker.features(TEST)
    spent_since = before["customer_id"].map(totals) - before["amount_ever"]

    with pytest.raises(SuspiciousScoreError, match="the feature lifetime_amount alone"):
        check_features(unguarded(before.assign(lifetime_amount=spent_since), outcome))


def test_random_folds_over_stacked_cutoffs_show_85_where_73_comes_true(maker: TableMaker) -> None:
    stacked = LabelledTable.stack([maker.table(TEST - number * 30 * DAY) for number in (3, 2, 1, 0)])
    forest = next(candidate for candidate in CANDIDATES if candidate.name == "random_forest")
    greedy = Candidate(
        "greedy_forest", "", "forest", forest.choose, {"n_estimators": 60, "min_samples_leaf": 1, "max_features": 0.1}
    )
    shuffled = np.random.default_rng(0).permutation(len(stacked))
    fold = Fold(shuffled[len(stacked) // 5 :], shuffled[: len(stacked) // 5])

    validation = stacked.take(fold.validation)
    shown = measure(validation.left, greedy.fit(stacked.take(fold.train)).predict_frame(validation.features)).auc

    assert shown == pytest.approx(0.851, abs=0.02)
    with pytest.raises(SharedCustomersError, match="would be recognised, not forecast"):
        assess(greedy, stacked, [fold])


def test_features_a_week_late_show_775_and_are_refused(maker: TableMaker, train: LabelledTable) -> None:
    logistic = next(candidate for candidate in CANDIDATES if candidate.name == "logistic_all")
    week = 7 * DAY
    outcomes = {cutoff: Outcome.observe(maker.lines, cutoff, HORIZON) for cutoff in (*sorted(set(train.cutoffs)), TEST)}

    def late(cutoff: pd.Timestamp) -> LabelledTable:
        known = maker.features(cutoff)[
            "customer_id"
        ]  # of whoever had bought before the cutoff, features of a week later
        features = maker.features(cutoff + week)
        return unguarded(features[features["customer_id"].isin(known)].reset_index(drop=True), outcomes[cutoff])

    *before, test = [late(cutoff) for cutoff in outcomes]
    shown = measure(test.left, logistic.fit(LabelledTable.stack(before)).predict_frame(test.features)).auc

    assert shown == pytest.approx(0.775, abs=0.015)
    with pytest.raises(CutoffMismatchError, match="features as of 2011-09-17 00:00 know what the label is made of"):
        LabelledTable.join(maker.features(TEST + week), TEST + week, outcomes[TEST])


def test_labels_that_had_not_matured_are_refused(maker: TableMaker) -> None:
    with pytest.raises(ImmatureLabelsError, match="known 90 days later, after the test cutoff 2011-09-10"):
        TimeSplit((TEST - 30 * DAY,), TEST, HORIZON)
    with pytest.raises(ImmatureLabelsError, match="only what is known on 2011-09-10 may be used"):
        maker.table(TEST - 30 * DAY, known_at=TEST)
