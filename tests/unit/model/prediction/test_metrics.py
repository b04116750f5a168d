"""Figures of forecasts, against sklearn and by hand."""

import numpy as np
import numpy.typing as npt
import pytest
from dtc_model.prediction import auc_error, calibration_error, confusion, lift_table, measure, recall_at_precision
from dtc_model.prediction.measures import auc
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, precision_recall_curve, roc_auc_score

LEFT = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
FORECAST = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0])

cases = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.35, 0.5, 0.9, 1.0])), min_size=2, max_size=60)


def arrays(drawn: list[tuple[bool, float]]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    return np.array([left for left, _ in drawn]), np.array([forecast for _, forecast in drawn])


@given(cases.filter(lambda drawn: len({left for left, _ in drawn}) == 2))
def test_figures_agree_with_scikit_learn_with_ties_and_all(drawn: list[tuple[bool, float]]) -> None:
    left, forecast = arrays(drawn)

    scores = measure(left, forecast)

    assert scores.auc == pytest.approx(roc_auc_score(left, forecast))
    assert scores.brier == pytest.approx(brier_score_loss(left, forecast))
    precisions, recalls, _ = precision_recall_curve(left, forecast)
    for wanted in (0.3, 0.5, 0.9):
        expected = max(recalls[precisions >= wanted])  # the curve ends with precision 1 and recall 0
        assert recall_at_precision(left, forecast, wanted) == pytest.approx(expected)


@given(cases)
def test_the_order_of_rows_changes_no_figure(drawn: list[tuple[bool, float]]) -> None:
    left, forecast = arrays(drawn)
    order = np.random.default_rng(len(drawn)).permutation(len(drawn))

    before, after = lift_table(left, forecast), lift_table(left[order], forecast[order])

    np.testing.assert_allclose(before.to_numpy(), after.to_numpy(), atol=1e-12)


def test_the_lift_of_a_tenth_has_its_ceiling() -> None:
    table = lift_table(LEFT, FORECAST)

    assert table["lift"].tolist()[:3] == [5.0, 0.0, 5.0]
    assert table["ceiling"].tolist()[:3] == [5.0, 5.0, 0.0]
    assert (table["lift"] <= table["ceiling"].iloc[0]).all()


def test_a_forecast_that_says_the_rates_is_calibrated_and_one_that_is_off_is_off_by_that() -> None:
    random = np.random.default_rng(0)
    truth = random.random(200_000)
    left = random.random(200_000) < truth

    assert calibration_error(left, truth) < 0.005
    assert calibration_error(left, np.clip(truth + 0.1, 0, 1)) == pytest.approx(0.1, abs=0.01)


def test_a_perfect_forecast_of_3000_customers_shows_about_two_hundredths_by_chance() -> None:
    random = np.random.default_rng(1)
    seen = []
    for _ in range(50):
        truth = random.uniform(0.1, 0.9, 3_000)
        seen.append(calibration_error(random.random(3_000) < truth, truth))

    assert 0.015 < np.mean(seen) < 0.025


def test_confusion_at_a_threshold_counts_everybody_once() -> None:
    assert confusion(LEFT, FORECAST, 0.7) == {"chosen_left": 2, "chosen_stayed": 1, "missed": 0, "left_alone": 7}


def test_without_leavers_there_is_no_auc() -> None:
    assert np.isnan(auc(np.zeros(5, dtype=bool), np.arange(5.0)))


def test_the_error_of_an_auc_is_that_of_repeated_draws() -> None:
    random = np.random.default_rng(2)

    def drawn() -> float:
        left = np.arange(1_000) < 400
        return auc(left, random.normal(size=1_000) + left)

    seen = [drawn() for _ in range(300)]
    assert auc_error(np.arange(1_000) < 400, float(np.mean(seen))) == pytest.approx(np.std(seen), rel=0.15)
