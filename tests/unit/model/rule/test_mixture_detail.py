import numpy as np
import pandas as pd
import pytest
from dtc_model.rule import INCOMPLETE, LabelStatus, describe_mixture, measure_surprises
from fakes.mixtures import small_mixture, some_units
from scipy.stats import norm


def drawn_from_the_mixture(n_units: int = 4_000, seed: int = 2) -> pd.DataFrame:
    model, random = small_mixture(), np.random.default_rng(seed)
    segments = random.choice(3, n_units, p=model.parameters.shares)
    units = some_units(n_units)
    encoded = model.parameters.means[segments] + random.normal(size=(n_units, 2)) * [1.0, 2.0]
    levels = np.array(["city", "mall", "outlet"])
    drawn = [random.choice(3, p=model.parameters.probabilities[0][segment]) for segment in segments]
    return units.assign(size=encoded[:, 0], sales=np.expm1(encoded[:, 1]), format=levels[drawn])


def test_the_detail_agrees_with_the_label_and_the_posterior() -> None:
    model, units = small_mixture(), some_units()
    detail = describe_mixture(model, units)
    assert np.array_equal(np.array(model.segment_ids)[detail.positions], model.label(units))
    assert np.array_equal(detail.posteriors, model.posterior(units))
    ordered = np.sort(detail.posteriors, axis=1)
    assert np.array_equal(detail.probabilities, ordered[:, -1])
    assert np.array_equal(detail.runner_up_probabilities, ordered[:, -2])
    assert detail.margins == pytest.approx(ordered[:, -1] - ordered[:, -2])
    assert (detail.runner_ups != detail.positions).all()


def test_units_like_the_training_ones_fit_at_every_percentile_alike() -> None:
    model = measure_surprises(small_mixture(), drawn_from_the_mixture(seed=2))
    fits = describe_mixture(model, drawn_from_the_mixture(seed=3)).fits
    assert np.quantile(fits, [0.1, 0.5, 0.9]) == pytest.approx([10, 50, 90], abs=3)


def test_units_with_few_features_fit_as_well_as_complete_ones() -> None:
    model = measure_surprises(small_mixture(), drawn_from_the_mixture(seed=2))
    units = drawn_from_the_mixture(seed=3)
    statuses = describe_mixture(model, units.assign(sales=np.nan, format=None)).statuses
    assert (statuses == LabelStatus.NO_FIT).mean() < 0.02


def test_a_unit_far_from_its_segment_does_not_fit_and_still_has_its_label() -> None:
    model = measure_surprises(small_mixture(), drawn_from_the_mixture())
    far = some_units(1).assign(size=40.0, format="mall", sales=np.expm1(6.0))
    detail = describe_mixture(model, far)
    assert detail.fits[0] == 100
    assert detail.statuses[0] == LabelStatus.NO_FIT
    assert model.label(far)[0] == 7


def test_without_features_there_is_neither_segment_nor_figure_and_a_note_says_so() -> None:
    units = some_units(3).assign(
        size=[np.nan, 1.0, 1.0], format=pd.Series([None, "city", "city"], dtype=object).array, sales=[np.nan, 1.0, 1.0]
    )
    detail = describe_mixture(small_mixture(), units)
    assert detail.positions[0] == detail.runner_ups[0] == INCOMPLETE
    assert detail.statuses[0] == LabelStatus.INCOMPLETE
    assert np.isnan([detail.probabilities[0], detail.margins[0], detail.fits[0]]).all()
    assert detail.notes == ("1 of the units have too few features for a label",)
    assert detail.answered.tolist() == [0, 3, 3]


def test_the_probabilities_are_those_that_come_true() -> None:
    units = drawn_from_the_mixture(20_000, seed=5)
    model, random = small_mixture(), np.random.default_rng(5)
    truth = np.array(model.segment_ids)[random.choice(3, 20_000, p=model.parameters.shares)]
    detail = describe_mixture(model, units)
    right = model.label(units) == truth
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        within = (detail.probabilities > low) & (detail.probabilities <= high)
        half = norm.ppf(0.999) * np.sqrt(0.25 / within.sum())
        assert right[within].mean() == pytest.approx(detail.probabilities[within].mean(), abs=half)
