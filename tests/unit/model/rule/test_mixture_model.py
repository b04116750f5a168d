import json
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from dtc_model.errors import AnswersError, ModelBrokenError
from dtc_model.rule import INCOMPLETE, FloatArray, MixtureModel, NumberFeature, Spread, read_units
from fakes.mixtures import COVARIANCE, small_mixture, some_units
from scipy.stats import multivariate_normal

SPREADS: tuple[Spread, ...] = get_args(Spread)


def covariance_of(spread: Spread, segment: int) -> FloatArray:
    if spread == "tied":
        return COVARIANCE[spread]
    return np.diag(COVARIANCE[spread] if spread == "pooled" else COVARIANCE[spread][segment])


def by_hand(model: MixtureModel, units: pd.DataFrame) -> FloatArray:
    """Bayes' rule with scipy's densities over the features that a unit has."""
    parameters = model.parameters
    levels = ("city", "mall", "outlet")
    joint = np.empty((len(units), 3))
    numbers = np.column_stack([units["size"], np.log1p(units["sales"])])
    for row, (values, level) in enumerate(zip(numbers, units["format"], strict=True)):
        present = np.flatnonzero(~np.isnan(values))
        for segment in range(3):
            density = parameters.shares[segment]
            if len(present):
                part = covariance_of(parameters.spread, segment)[np.ix_(present, present)]
                density *= multivariate_normal(parameters.means[segment][present], part).pdf(values[present])
            if level in levels:
                density *= parameters.probabilities[0][segment, levels.index(level)]
            joint[row, segment] = density
    joint /= joint.sum(axis=1, keepdims=True)
    return joint


@pytest.mark.parametrize("spread", SPREADS)
def test_the_posterior_is_bayes_rule_over_the_features_that_a_unit_has(spread: Spread) -> None:
    model, units = small_mixture(spread), some_units()
    units.iloc[0:40, 0] = np.nan
    units.iloc[30:80, 1] = None
    units.iloc[60:90, 2] = np.nan
    assert model.posterior(units) == pytest.approx(by_hand(model, units), abs=1e-12)


@pytest.mark.parametrize("spread", SPREADS)
def test_one_unit_alone_is_labelled_exactly_as_among_others(spread: Spread) -> None:
    model, units = small_mixture(spread), some_units()
    units.iloc[5:60, 0] = np.nan
    together = model.posterior(units)
    for row in range(len(units)):
        assert np.array_equal(model.posterior(units.iloc[[row]])[0], together[row])


@pytest.mark.parametrize("spread", SPREADS)
def test_a_document_comes_back_exactly(spread: Spread) -> None:
    model, units = small_mixture(spread), some_units()
    again = MixtureModel.from_json(model.to_json())
    assert np.array_equal(again.posterior(units), model.posterior(units))
    assert again.to_json() == model.to_json()
    assert (again.segment_ids, again.segment_names, again.provenance) == (
        model.segment_ids,
        model.segment_names,
        model.provenance,
    )


def test_labels_are_the_ids_of_the_segments_and_not_their_positions() -> None:
    units = pd.DataFrame({"size": [0.0, 4.0, -3.0], "format": ["city", "mall", "outlet"], "sales": np.expm1([2, 6, 9])})
    assert small_mixture().label(units).tolist() == [4, 7, 2]


def test_an_array_is_read_in_the_order_of_the_features() -> None:
    model, units = small_mixture(), some_units()
    by_name = units[list(model.feature_names)].to_numpy(dtype=object)
    by_position = np.column_stack(
        [units["size"], units["format"].map({"city": 0, "mall": 1, "outlet": 2}), units["sales"]]
    )
    assert np.array_equal(model.label(by_name), model.label(units))
    assert np.array_equal(model.label(by_position), model.label(units))


def test_a_level_that_was_never_seen_counts_as_missing_and_is_named() -> None:
    model, units = small_mixture(), some_units()
    unseen, missing = units.assign(format="kiosk"), units.assign(format=None)
    assert np.array_equal(model.posterior(unseen), model.posterior(missing))
    words = [found.words for found in read_units(unseen, model.features).unseen]
    assert len(words) == 1
    assert "200 of the units have a 'format' that was never seen before ('kiosk')" in words[0]


def test_a_unit_with_too_few_features_has_no_label() -> None:
    model = small_mixture()
    units = pd.DataFrame({"size": [np.nan, 1.0, 1.0], "format": [None, None, "city"], "sales": [np.nan] * 3})
    assert (model.label(units) != INCOMPLETE).tolist() == [False, True, True]
    assert (model.label(units, minimum_answered=2) != INCOMPLETE).tolist() == [False, False, True]


def test_the_label_gets_surer_as_features_arrive() -> None:
    model, units = small_mixture(), some_units(2_000)
    context_only = units.assign(size=np.nan, sales=np.nan)
    with_size = units.assign(sales=np.nan)
    sureness = [model.posterior(known).max(axis=1).mean() for known in (context_only, with_size, units)]
    assert sureness == sorted(sureness)
    assert sureness[2] > sureness[0] + 0.2


def test_quantiles_encode_as_scikit_learn_does_where_values_repeat() -> None:
    from sklearn.preprocessing import QuantileTransformer  # noqa: PLC0415 - the model itself must not need it

    random = np.random.default_rng(3)
    training = random.poisson(1.5, 1_000).astype(np.float64)
    new = np.concatenate([training[:100], random.uniform(-1, 12, 100)])
    transformer = QuantileTransformer(n_quantiles=201, subsample=None).fit(training[:, None])
    feature = NumberFeature("orders", "quantile", np.quantile(training, np.linspace(0, 1, 201)))
    assert feature.encode(new) == pytest.approx(transformer.transform(new[:, None])[:, 0], abs=1e-12)


def test_logarithms_keep_the_sign() -> None:
    encoded = NumberFeature("balance", "log1p").encode(np.array([-9.0, 0.0, 9.0, np.nan]))
    assert encoded[:3] == pytest.approx([-np.log(10), 0.0, np.log(10)])
    assert np.isnan(encoded[3])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("size", np.inf, "row 3 .*'size': inf"), ("sales", "much", "'sales' holds something that is not a number")],
)
def test_what_is_no_finite_number_is_named(column: str, value: object, words: str) -> None:
    units = some_units(10).astype({column: object})
    units = units.assign(**{column: pd.Series([value if row == 3 else 1.0 for row in range(10)], dtype=object).array})
    with pytest.raises(AnswersError, match=words):
        small_mixture().label(units)


def test_a_missing_column_and_a_wrong_shape_are_named() -> None:
    with pytest.raises(AnswersError, match="the units lack format"):
        small_mixture().label(some_units().drop(columns="format"))
    with pytest.raises(AnswersError, match="one row per unit with 3 features, in the order size, format, sales"):
        small_mixture().label(np.zeros((4, 2)))


BREAKS: dict[str, tuple[str, Any]] = {
    "a field that is unknown": ("colour", "red"),
    "another kind": ("kind", "nearest_centroid"),
    "another format": ("format", 9),
    "no segments": ("segments", []),
    "no variances": ("covariance", None),
    "too few variances": ("covariance", [[1.0]]),
}


@pytest.mark.parametrize("what", BREAKS)
def test_a_document_that_contradicts_itself_is_refused(what: str) -> None:
    key, value = BREAKS[what]
    broken = json.loads(small_mixture().to_json()) | {key: value}
    with pytest.raises(ModelBrokenError):
        MixtureModel.from_json(json.dumps(broken))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"kind": "mixture"}'])
def test_a_text_that_is_no_mixture_is_refused(text: str) -> None:
    with pytest.raises(ModelBrokenError):
        MixtureModel.from_json(text)


def test_ids_and_names_must_differ_and_fit() -> None:
    model = small_mixture()
    with pytest.raises(ModelBrokenError, match="a name is given twice"):
        replace(model, segment_names=("A", "A", "B"))
    with pytest.raises(ModelBrokenError, match="3 segments, 2 ids"):
        replace(model, segment_ids=(1, 2))
