"""The backtest shows on public transactions the figures that others found."""

import pandas as pd
import pytest
from dtc_model.prediction import CANDIDATES, backtest
from fakes.retail_lines import completejourney_lines, needs_completejourney, needs_online_retail, online_retail_lines

NAMES = [candidate.name for candidate in CANDIDATES]
CUTOFFS = ["2011-06-12", "2011-07-12", "2011-08-11", "2011-09-10"]


@pytest.fixture(scope="module")
def online_retail() -> pd.DataFrame:
    """A year of a British shop, a row per model and a column per cutoff."""
    return backtest(online_retail_lines(), CUTOFFS, 90)


def row_of(table: pd.DataFrame, model: str, column: str) -> list[float]:
    return [float(value) for value in table.loc[table["model"] == model, column]]


@needs_online_retail
def test_online_retail_has_the_customers_and_rates_that_others_counted(online_retail: pd.DataFrame) -> None:
    assert row_of(online_retail, "recency", "customers") == [2_811, 3_019, 3_211, 3_370]
    assert row_of(online_retail, "recency", "base_rate") == pytest.approx([0.52, 0.50, 0.47, 0.43], abs=0.005)


@needs_online_retail
@pytest.mark.parametrize(
    ("model", "aucs"),
    [
        ("recency", [0.669, 0.683, 0.694, 0.683]),
        ("orders", [0.727, 0.737, 0.731, 0.722]),
        ("logistic_three", [0.753, 0.759, 0.749, 0.735]),
        ("logistic_all", [0.761, 0.766, 0.761, 0.745]),
        ("random_forest", [0.750, 0.759, 0.755, 0.741]),
        ("gradient_boosting", [0.758, 0.766, 0.763, 0.744]),
    ],
)
def test_online_retail_shows_the_figures_that_others_found(
    model: str, aucs: list[float], online_retail: pd.DataFrame
) -> None:
    assert row_of(online_retail, model, "auc") == pytest.approx(aucs, abs=0.01)


@needs_online_retail
def test_all_features_of_online_retail_reach_what_is_possible_and_nothing_leaks(online_retail: pd.DataFrame) -> None:
    best = online_retail.pivot_table(index="cutoff", columns="model", values="auc")[NAMES[4:]].max(axis=1)

    assert (best.to_numpy() >= [0.758, 0.766, 0.760, 0.745]).all()
    assert online_retail["auc"].max() < 0.79


@needs_online_retail
def test_forecasts_on_all_features_are_calibrated_where_the_rate_was_seen_in_training(
    online_retail: pd.DataFrame,
) -> None:
    on_all = online_retail[online_retail["model"].isin(NAMES[4:])]

    assert on_all.groupby("cutoff")["rate_was_seen"].all().tolist() == [False, False, True, False]
    assert on_all.loc[on_all["rate_was_seen"], "calibration_error"].max() <= 0.03
    assert on_all.loc[~on_all["rate_was_seen"], "calibration_error"].min() > 0.03


@needs_completejourney
def test_completejourney_reaches_what_others_found_in_30_days() -> None:
    found = backtest(completejourney_lines(), ["2017-12-01"], 30, ["recency", "logistic_all", "gradient_boosting"])

    aucs = found.set_index("model")["auc"]
    assert aucs["recency"] == pytest.approx(0.838, abs=0.01)
    assert aucs[["logistic_all", "gradient_boosting"]].min() >= 0.885
    assert found.loc[found["model"] != "recency", "calibration_error"].max() <= 0.03
