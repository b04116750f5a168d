"""The backtest on a small shop."""

from typing import Any

import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, FeatureConfig
from dtc_model.errors import ForecastError, ImmatureLabelsError
from dtc_model.prediction import backtest
from fakes.shop import shop_day, shop_lines

CONFIG = FeatureConfig(windows=(30, 90))


def test_there_is_one_row_per_cutoff_and_model(lines: BehaviourLines) -> None:
    told: list[dict[str, Any]] = []

    found = backtest(
        lines,
        [shop_day(330), shop_day(300)],
        30,
        ["recency", "logistic_three"],
        config=CONFIG,
        report_progress=told.append,
    )

    columns = ["cutoff", "model", "auc", "average_precision", "lift_10", "brier", "calibration_error", "base_rate"]
    assert found.columns.tolist()[: len(columns)] == columns
    assert list(zip(found["cutoff"], found["model"], strict=True)) == [
        (shop_day(300), "recency"),
        (shop_day(300), "logistic_three"),
        (shop_day(330), "recency"),
        (shop_day(330), "logistic_three"),
    ]
    assert [row["model"] for row in told] == found["model"].tolist()
    assert found["auc"].between(0.5, 0.95).all()


def test_a_backtest_knows_nothing_that_came_or_arrived_after_its_cutoff() -> None:
    frame = shop_lines()
    cutoff, end = shop_day(300), shop_day(330)
    is_later = frame["ordered_at"] >= end
    late = frame[frame["ordered_at"] < cutoff].sample(100, random_state=1)
    late = late.assign(order_id="late", arrived_at=end + pd.Timedelta(days=1))
    poisoned = pd.concat([frame.assign(amount=frame["amount"].mask(is_later, 1e6)), late])

    before, after = (backtest(one, [cutoff], 30, ["logistic_all"], config=CONFIG) for one in (frame, poisoned))

    pd.testing.assert_frame_equal(before, after)


def test_wrong_cutoffs_are_refused(lines: BehaviourLines) -> None:
    with pytest.raises(SettingsError, match="at least one cutoff"):
        backtest(lines, [], 30)
    with pytest.raises(ForecastError, match="no cutoff has matured"):
        backtest(lines, [shop_day(20)], 30)
    with pytest.raises(ImmatureLabelsError, match="before the horizon"):
        backtest(lines, [shop_day(350)], 30, ["recency"], config=CONFIG)
