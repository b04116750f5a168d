"""A forecast as a document: the same answers as the estimator, read without the library that trained it, and no code in it."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from dtc_model.errors import ForecastError, ModelBrokenError
from dtc_model.prediction import CANDIDATES, ForecastModel, LabelledTable
from dtc_model.prediction.families import fit_amounts, fit_classes
from dtc_model.prediction.scoring import LinearScorer, signed_log

PARAMETERS: dict[str, dict[str, Any]] = {
    "linear": {"C": 0.1},
    "forest": {"n_estimators": 20, "min_samples_leaf": 3, "max_leaf_nodes": 64},
    "boosting": {"max_iter": 25, "min_samples_leaf": 5, "max_leaf_nodes": 7},
}


@pytest.fixture(scope="module")
def rows() -> npt.NDArray[np.float64]:
    """Features of odd scales with missing values, one of them missing more often where another is large."""
    random = np.random.default_rng(3)
    drawn: npt.NDArray[np.float64] = random.normal(size=(800, 6)) * np.array([1, 1e-3, 1e4, 1, 50, 1])
    drawn[random.random(drawn.shape) < 0.1] = np.nan
    drawn[np.nan_to_num(drawn[:, 0]) > 1, 3] = np.nan
    return drawn


def classes_of(rows: npt.NDArray[np.float64], n_classes: int) -> npt.NDArray[np.intp]:
    score = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 4]) / 40 + np.random.default_rng(4).normal(size=len(rows))
    found: npt.NDArray[np.intp] = np.digitize(score, np.quantile(score, [0.7, 0.9][: n_classes - 1]))
    return found


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("family", PARAMETERS)
def test_scores_are_those_of_the_estimator(family: Any, n_classes: int, rows: npt.NDArray[np.float64]) -> None:
    fitted = fit_classes(family, rows, classes_of(rows, n_classes), PARAMETERS[family], seed=0)

    scores = fitted.scorer.scores(rows)
    if n_classes == 2:
        ours = 1 / (1 + np.exp(-scores[:, 0]))
    else:
        ours = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    asked = rows
    if isinstance(fitted.scorer, LinearScorer):
        asked = np.nan_to_num((signed_log(rows) - fitted.scorer.centres) / fitted.scorer.spreads)
    theirs = fitted.estimator.predict_proba(asked)
    np.testing.assert_allclose(ours, theirs[:, 1] if n_classes == 2 else theirs, rtol=0, atol=1e-12)


def test_values_that_training_never_saw_go_the_same_way(rows: npt.NDArray[np.float64]) -> None:
    complete = np.nan_to_num(rows)
    strange = np.vstack([np.full(6, np.nan), np.full(6, 1e30), np.full(6, -1e30), np.zeros(6)])
    for family in ("forest", "boosting"):
        fitted = fit_classes(family, complete, classes_of(rows, 2), PARAMETERS[family], seed=0)
        ours = 1 / (1 + np.exp(-fitted.scorer.scores(strange)[:, 0]))
        np.testing.assert_allclose(ours, fitted.estimator.predict_proba(strange)[:, 1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("family", ["linear", "boosting"])
def test_amounts_of_the_training_rows_sum_to_the_true_ones(family: Any, rows: npt.NDArray[np.float64]) -> None:
    amounts = np.exp(3 + np.nan_to_num(rows[:, 0]))
    by_family: dict[str, dict[str, Any]] = {"linear": {"alpha": 1.0}, "boosting": {"max_iter": 20}}
    parameters = by_family[family]

    fitted = fit_amounts(family, rows, amounts, parameters, seed=0)

    assert np.exp(fitted.scorer.scores(rows)[:, 0] + fitted.shifts[0]).sum() == pytest.approx(amounts.sum())


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
def test_a_document_answers_as_the_model_it_was_written_from(
    candidate: Any, table: LabelledTable, test_table: LabelledTable
) -> None:
    model = candidate.fit(table).with_threshold(0.4)

    again = ForecastModel.from_json(model.to_json())

    rows = test_table.values(model.feature_names)
    np.testing.assert_array_equal(again.predict(rows), model.predict(rows))
    assert str(again.reasons(rows[:5])) == str(model.reasons(rows[:5]))
    assert again.to_json() == model.to_json()
    assert (again.threshold, again.features, again.provenance) == (0.4, model.features, model.provenance)


def test_contributions_sum_to_the_difference_from_a_typical_score(table: LabelledTable) -> None:
    for candidate in CANDIDATES[-3:]:
        model = candidate.fit(table)
        rows = table.values(model.feature_names)[:50]
        effects = model.scorer.contributions(rows).sum(axis=1)
        entry = json.loads(model.to_json())["scorer"]
        scores = model.scorer.scores(rows)[:, 0]
        if entry["kind"] == "linear":
            expected = scores - entry["intercepts"][0]
        else:
            start = sum(entry["values"][root][0] for root in entry["roots"])
            shares = 1 / (1 + np.exp(-scores))
            expected = (
                scores - entry["base"][0] - start if entry["combine"] == "sum" else shares - start / len(entry["roots"])
            )
        np.testing.assert_allclose(effects, expected, atol=1e-9)


def test_a_customer_has_three_reasons_of_different_measures_in_words(
    table: LabelledTable, test_table: LabelledTable
) -> None:
    model = CANDIDATES[-1].fit(table)
    rows = test_table.values(model.feature_names)

    for row, reasons in zip(rows, model.reasons(rows), strict=True):
        assert len(reasons) == 3
        assert (
            len(
                {
                    reason.feature.rsplit("_", 1)[0] if reason.feature.endswith("d") else reason.feature
                    for reason in reasons
                }
            )
            == 3
        )
        assert [abs(one.effect) for one in reasons] == sorted((abs(one.effect) for one in reasons), reverse=True)
        for reason in reasons:
            value = row[model.feature_names.index(reason.feature)]
            assert reason.value == pytest.approx(value, nan_ok=True)
            assert ("raises" if reason.effect > 0 else "lowers") in reason.words


def test_missing_features_wrong_shapes_and_infinities_are_refused(table: LabelledTable) -> None:
    model = CANDIDATES[3].fit(table)

    with pytest.raises(ForecastError, match="lack the features orders_ever, from which logistic_three forecasts"):
        model.predict_frame(table.features.drop(columns="orders_ever"))
    with pytest.raises(ForecastError, match=r"shape \(2, 2\), but there are 3 features"):
        model.predict(np.zeros((2, 2)))
    with pytest.raises(ForecastError, match="row 1 has an infinite 'orders_ever'"):
        model.predict(np.array([[1, 1, 1], [1, np.inf, 1]]))


def broken(change: Callable[[dict[str, Any]], Any]) -> Callable[[str], str]:
    def apply(text: str) -> str:
        content = json.loads(text)
        change(content)
        return json.dumps(content)

    return apply


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: "", "not a JSON document"),
        (lambda _: "[]", "not of the kind 'forecast'"),
        (broken(lambda d: d.update(kind="value")), "not of the kind 'forecast'"),
        (broken(lambda d: d.update(format=2)), "has format 2, but this program reads 1"),
        (broken(lambda d: d.update(code="import os")), "code: Extra inputs"),
        (broken(lambda d: d.pop("shifts")), "shifts: Field required"),
        (broken(lambda d: d.update(shifts=[0.0, 0.0])), "classes, shifts and scores differ"),
        (broken(lambda d: d.update(link="softmax")), "only softmax has several scores"),
        (broken(lambda d: d["features"].clear()), "features: List should have at least 1"),
        (broken(lambda d: d["scorer"].update(kind="pickle")), "scorer: Input tag 'pickle'"),
        (broken(lambda d: d["scorer"]["features"].__setitem__(0, 10_000)), "a feature that is not named"),
        (broken(lambda d: d["scorer"]["left"].__setitem__(0, 0)), "the children of node 0 do not stand behind it"),
        (broken(lambda d: d["scorer"]["right"].__setitem__(0, 10**9)), "the children of node 0 do not stand behind it"),
        (broken(lambda d: d["scorer"]["roots"].__setitem__(0, 10**9)), "a root is not a node"),
        (broken(lambda d: d["scorer"]["thresholds"].pop()), "the lists of nodes differ in length"),
        (broken(lambda d: d["scorer"].update(base=[0.0, 0.0])), "values and base differ in length"),
    ],
)
def test_a_broken_document_is_refused_with_the_entry(
    change: Callable[[str], str], words: str, table: LabelledTable
) -> None:
    text = CANDIDATES[-1].fit(table, {"max_iter": 3}).to_json()

    with pytest.raises(ModelBrokenError, match=words):
        ForecastModel.from_json(change(text))
