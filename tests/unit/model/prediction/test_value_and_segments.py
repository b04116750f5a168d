"""The value of the horizon, and the segment at its end."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, FeatureConfig, behaviour_features
from dtc_model.errors import ForecastError, ImmatureLabelsError, ModelBrokenError
from dtc_model.prediction import (
    ForecastModel,
    LabelledTable,
    TableMaker,
    ValueForecast,
    backtest_segments,
    backtest_value,
    fit_segments,
    most_likely,
    next_segments,
    pair_tables,
    recover_rule,
    value_scores,
)
from fakes.shop import shop_day

CONFIG = FeatureConfig(windows=(30, 90))


def segments_of(lines: BehaviourLines, moment: pd.Timestamp) -> "pd.Series[str]":
    """Return segments by a rule: who bought in 30 days, in 90 days, or is out."""
    recency = behaviour_features(lines, moment, "basic", windows=[30]).set_index("customer_id")["recency_days"]
    kept = recency[recency <= 90]
    return pd.Series(np.where(kept <= 30, "active", "sleepy"), index=kept.index)


def test_the_value_is_the_chance_of_an_order_times_its_amount(table: LabelledTable, test_table: LabelledTable) -> None:
    model = ValueForecast.fit(table)

    expected = (1 - model.leaves.predict_frame(test_table.features)) * model.amount.predict_frame(test_table.features)
    np.testing.assert_allclose(model.predict_frame(test_table.features), expected)
    assert model.predict_frame(table.features).sum() == pytest.approx(table.amounts.sum(), rel=0.3)


def test_the_document_of_a_value_answers_the_same(table: LabelledTable, test_table: LabelledTable) -> None:
    model = ValueForecast.fit(table)

    again = ValueForecast.from_json(model.to_json())

    np.testing.assert_array_equal(again.predict_frame(test_table.features), model.predict_frame(test_table.features))
    for text in ("", "[]", "{}", model.leaves.to_json()):
        with pytest.raises(ModelBrokenError):
            ValueForecast.from_json(text)


def test_the_backtest_of_values_stands_beside_the_last_days_again(lines: BehaviourLines) -> None:
    table = backtest_value(lines, [shop_day(300), shop_day(330)], 30, config=CONFIG)

    assert table["model"].tolist() == ["hurdle", "last_again"] * 2
    assert table["total_ratio"].between(0.3, 3).all()
    assert (table["top_capture"] <= table["best_capture"]).all()
    assert table.groupby("model")["spearman"].mean()["hurdle"] > 0.2


def test_a_horizon_that_is_no_window_has_nothing_to_stand_beside(lines: BehaviourLines) -> None:
    with pytest.raises(SettingsError, match="no feature 'amount_31d'"):
        backtest_value(lines, [shop_day(300)], 31, config=CONFIG)


def test_scores_of_a_value_by_hand() -> None:
    scores = value_scores(np.array([0.0, 10.0, 90.0] + [0.0] * 7), np.array([5.0, 20.0, 25.0] + [0.0] * 7))

    assert (scores["total_ratio"], scores["top_capture"], scores["best_capture"]) == (0.5, 0.9, 0.9)


def test_nobody_who_spends_is_nothing_to_learn(table: LabelledTable) -> None:
    free = LabelledTable(
        table.features, table.customer_ids, table.cutoffs, table.left, np.zeros(len(table)), table.horizon_days
    )

    with pytest.raises(ForecastError, match="spent anything"):
        ValueForecast.fit(free)


def test_segments_are_forecast_beside_the_guess_that_everybody_stays(lines: BehaviourLines) -> None:
    found = backtest_segments(
        lines,
        partial(segments_of, lines),
        [shop_day(300)],
        30,
        config=CONFIG,
        candidates=["logistic_all", "random_forest"],
    ).set_index("model")

    assert found.index.tolist() == ["stays", "logistic_all", "random_forest"]
    assert found.loc["stays", "accuracy"] == pytest.approx(1 - found["changed"].iloc[0])
    assert found["macro_f1"].between(0, 1, inclusive="right").all()
    assert found["accuracy"].idxmin() == "stays", "most stay, and who moves can be seen in part"


def test_cutoffs_as_of_which_nobody_has_a_segment_are_neither_trained_on_nor_tested(lines: BehaviourLines) -> None:
    def covered(moment: pd.Timestamp) -> "pd.Series[str]":
        found = segments_of(lines, moment)
        return found if moment >= shop_day(200) else found.head(0)

    last_three = backtest_segments(
        lines, partial(segments_of, lines), [shop_day(300)], 30, config=CONFIG, most_cutoffs=3
    )
    found = backtest_segments(lines, covered, [shop_day(220), shop_day(300)], 30, config=CONFIG, most_cutoffs=4)

    pd.testing.assert_frame_equal(found, last_three)
    with pytest.raises(ForecastError, match="nobody has a segment"):
        fit_segments(pd.DataFrame({"recency_days": []}), [], 30)


def test_segments_that_are_not_known_yet_are_refused(lines: BehaviourLines) -> None:
    with pytest.raises(ImmatureLabelsError, match=r"the lines end on .*2021-01-20"):
        backtest_segments(lines, partial(segments_of, lines), [shop_day(355)], 30, config=CONFIG)


def test_todays_segment_is_the_recovery_of_a_rule_and_named_so(lines: BehaviourLines) -> None:
    features = behaviour_features(lines, shop_day(300), history_from=shop_day(0)).set_index("customer_id")
    today = segments_of(lines, shop_day(300))
    known = features.loc[today.index]

    model = fit_segments(known, list(today), horizon_days=0, candidate="random_forest")

    assert model.candidate == "random_forest: recovery of the rule"
    assert (most_likely(model, known).to_numpy() == today.to_numpy()).mean() > 0.92
    again = ForecastModel.from_json(model.to_json())
    assert most_likely(again, known).tolist() == most_likely(model, known).tolist()


def test_the_recovery_of_a_rule_is_measured_where_it_was_not_trained(lines: BehaviourLines) -> None:
    maker = TableMaker(lines, 30, "ever", CONFIG)

    found = recover_rule(maker, partial(segments_of, lines), [shop_day(240), shop_day(270)], shop_day(300))

    assert found["accuracy"] > 0.92


def test_a_rule_is_learned_where_the_history_covers_what_it_looks_at(lines: BehaviourLines) -> None:
    maker, segments, test = TableMaker(lines, 30, "ever", CONFIG), partial(segments_of, lines), shop_day(300)

    with_a_short_history = recover_rule(maker, segments, [shop_day(60), shop_day(270)], test)

    assert with_a_short_history == recover_rule(maker, segments, [shop_day(270)], test)
    assert recover_rule(maker, segments, [shop_day(60)], test)["accuracy"] > 0, "and else where it can be"


def test_the_next_segment_of_a_customer_is_that_of_the_model_with_todays_segment_beside(lines: BehaviourLines) -> None:
    maker, segments = TableMaker(lines, 30, "ever", CONFIG), partial(segments_of, lines)
    pairs = pair_tables(maker, segments, [shop_day(270)])
    model = fit_segments(pairs.features, pairs.then.tolist(), 30)

    found = next_segments(model, pairs.own, pairs.now)

    assert found.tolist() == most_likely(model, pairs.features).tolist()
    assert set(found) <= {"active", "sleepy", "no segment"}


def test_one_segment_is_nothing_to_forecast(table: LabelledTable) -> None:
    with pytest.raises(ForecastError, match="are in 'only'"):
        fit_segments(table.features, ["only"] * len(table), 30)
    with pytest.raises(SettingsError, match="'magic' does not forecast segments"):
        fit_segments(table.features, ["a"] * len(table), 30, "magic")
