import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.core import read_settings
from dtc_monitoring import DriftCheckError, DriftVerdict, assess_drift
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import assess_and_draw
from fakes.shared_data import SHARED_DATA
from scipy import stats

SNAPSHOTS = SHARED_DATA / "dtc_snapshots"
RNG_SEED = 20250301

MakeMonth = Callable[..., pd.DataFrame]


@pytest.fixture
def answers(small_catalogue: Catalogue) -> pd.DataFrame:
    """A hundred people: a price, a yes or no, and one of five grades."""
    rng = np.random.default_rng(RNG_SEED)
    columns = [rng.normal(size=100), rng.integers(0, 2, 100), rng.integers(1, 6, 100)]
    return pd.DataFrame(dict(zip(small_catalogue.feature_names, columns, strict=True)))


def test_the_original_march_drifts_and_half_of_its_columns_are_marked(
    january: pd.DataFrame, month: MakeMonth, catalogue: Catalogue
) -> None:
    verdict = assess_drift(january, month(3.1, 5977), catalogue)
    assert verdict.status == "drift"
    assert verdict.drifted_share == verdict.threshold == 0.5
    drifted = {column.name: round(column.p_value, 4) for column in verdict.columns if column.drifted}
    assert drifted == {"x3": 0.0495, "x6": 0.0416, "x7": 0.0038, "x8": 0.0134, "x9": 0.0290}
    assert verdict.drifted_columns == tuple(drifted)


@pytest.mark.skipif(not SNAPSHOTS.is_dir(), reason="the other implementation's months are not here")
def test_the_months_of_another_implementation_give_the_same_verdict(
    january: pd.DataFrame, month: MakeMonth, catalogue: Catalogue
) -> None:
    theirs = assess_drift(pd.read_csv(SNAPSHOTS / "january.csv"), pd.read_csv(SNAPSHOTS / "march.csv"), catalogue)
    ours = assess_drift(january, month(3.1, 5977), catalogue)
    assert theirs.status == ours.status
    for column, expected in zip(theirs.columns, ours.columns, strict=True):
        assert column.p_value == pytest.approx(expected.p_value, abs=1e-9)


def test_months_from_the_same_population_are_stable(
    january: pd.DataFrame, month: MakeMonth, catalogue: Catalogue
) -> None:
    verdicts = [assess_drift(january, month(2, seed), catalogue) for seed in range(1000, 1020)]
    assert {verdict.status for verdict in verdicts} == {"stable"}


def test_a_copy_of_the_reference_wave_is_stable_with_every_p_value_one(
    january: pd.DataFrame, catalogue: Catalogue
) -> None:
    verdict = assess_drift(january, january.copy(), catalogue)
    assert verdict.status == "stable"
    assert {column.p_value for column in verdict.columns} == {1.0}


def test_columns_get_the_test_that_their_values_call_for(answers: pd.DataFrame, small_catalogue: Catalogue) -> None:
    verdict = assess_drift(answers, answers, small_catalogue)
    assert {column.name: column.test for column in verdict.columns} == {
        "price": "ks",
        "ecology": "z",
        "visits": "chi_square",
    }


def test_evidently_and_scipy_agree_on_every_p_value(answers: pd.DataFrame, small_catalogue: Catalogue) -> None:
    rng = np.random.default_rng(RNG_SEED + 1)
    current = answers.assign(price=answers["price"] + 0.3, ecology=rng.random(100) < 0.65)
    current["visits"] = rng.choice([1, 2, 3, 4, 5], 100, p=[0.1, 0.1, 0.3, 0.3, 0.2])
    price, ecology, visits = assess_drift(answers, current, small_catalogue).columns
    expected = stats.ks_2samp(answers["price"], current["price"])
    assert (price.statistic, price.p_value) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-12)
    assert ecology.p_value == pytest.approx(2 * stats.norm.sf(abs(ecology.statistic)), abs=1e-12)
    assert visits.p_value == pytest.approx(stats.chi2.sf(visits.statistic, df=4), abs=1e-12)
    assert ecology.statistic > 0, "more people say yes"


def test_a_column_in_which_everybody_answers_alike_in_both_waves_has_not_drifted(
    answers: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    same = answers.assign(price=3.0, ecology=0, visits=1)
    verdict = assess_drift(same, same.head(40), small_catalogue)
    assert {(column.p_value, column.drifted) for column in verdict.columns} == {(1.0, False)}


def test_a_column_in_which_everybody_changed_the_answer_has_drifted(
    answers: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    column = assess_drift(answers.assign(ecology=0), answers.assign(ecology=1), small_catalogue).columns[1]
    assert column.drifted
    assert column.p_value < 1e-9


def test_one_new_answer_among_a_hundred_is_no_drift(answers: pd.DataFrame, small_catalogue: Catalogue) -> None:
    grades = answers.assign(visits=np.tile([1, 2, 3, 4], 25))
    with_a_new_grade = grades.assign(visits=[*grades["visits"][:-1], 5])
    for before, after in ((grades, with_a_new_grade), (with_a_new_grade, grades)):
        column = assess_drift(before, after, small_catalogue).columns[2]
        assert not column.drifted
        assert np.isfinite(column.statistic)


def test_waves_of_one_unit_each_tell_nothing(month: MakeMonth, catalogue: Catalogue) -> None:
    pairs = [(month(2, seed, 1), month(2, 1000 + seed, 1)) for seed in range(40)]
    assert {assess_drift(before, after, catalogue).status for before, after in pairs} == {"cannot_tell"}


def test_missing_answers_are_left_out_of_a_column_and_counted_as_units(
    answers: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    gaps = answers.mask(np.random.default_rng(3).random(answers.shape) < 0.2)
    verdict = assess_drift(answers, gaps, small_catalogue)
    assert verdict.n_current == 100
    expected = stats.ks_2samp(answers["price"], gaps["price"].dropna())
    assert verdict.columns[0].p_value == pytest.approx(expected.pvalue, abs=1e-12)
    assert verdict.columns[2].p_value > 0.05


def test_the_frames_are_left_as_they_are_and_other_columns_do_not_matter(
    answers: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    reference = answers.assign(segment=None, date="2025-01-01")[["date", "visits", "segment", "ecology", "price"]]
    before = reference.copy(deep=True)
    assert assess_drift(reference, answers, small_catalogue) == assess_drift(answers, answers, small_catalogue)
    pd.testing.assert_frame_equal(reference, before)


def test_answers_may_arrive_as_objects_as_they_do_from_sql(answers: pd.DataFrame, small_catalogue: Catalogue) -> None:
    as_objects = answers.astype(object)
    as_objects.loc[0, "ecology"] = None
    nullable = answers.astype("Float64")
    nullable.loc[0, "ecology"] = pd.NA
    assert assess_drift(answers, as_objects, small_catalogue) == assess_drift(answers, nullable, small_catalogue)


def test_the_limits_are_settings(january: pd.DataFrame, month: MakeMonth, catalogue: Catalogue) -> None:
    march = month(3.1, 5977)
    stricter = assess_drift(january, march, catalogue, read_settings(DriftSettings, p_value=0.01))
    assert stricter.drifted_columns == ("x7",)
    assert stricter.p_value_limit == 0.01
    assert stricter.status == "drift", "the verdict does not rest on single columns"
    lenient = read_settings(DriftSettings, smallest_shift=4)
    assert assess_drift(january, month(2, 43), catalogue, lenient).status == "stable"


def test_without_settings_the_environment_decides(
    january: pd.DataFrame, month: MakeMonth, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = month(2, 7) + np.array([1.2] + [0.0] * 9)  # 0.6 spreads
    assert assess_drift(january, moved, catalogue).status == "drift"
    monkeypatch.setenv("DRIFT_SMALLEST_SHIFT", "1")
    assert assess_drift(january, moved, catalogue).status == "stable"


@pytest.mark.parametrize("wave", ["reference", "current"])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frame: frame.iloc[:0], "the {wave} wave holds no respondents"),
        (lambda frame: frame.drop(columns=["ecology", "price"]), "the {wave} wave lacks the columns price, ecology"),
        (lambda frame: frame.assign(visits=np.nan), "column 'visits' of the {wave} wave holds no answers"),
        (
            lambda frame: frame.assign(price=[np.inf, *frame["price"][1:]]),
            "column 'price' of the {wave} wave holds inf",
        ),
        (
            lambda frame: frame.assign(price="cheap"),
            "column 'price' of the {wave} wave holds something that is not a number",
        ),
        (
            lambda frame: frame.assign(price=pd.Series([10**400] * len(frame), dtype=object)),
            "column 'price' of the {wave} wave holds something that is not a number",
        ),
        (lambda frame: pd.concat([frame, frame], axis=1), "column 'price' of the {wave} wave is there twice"),
    ],
)
def test_a_check_that_cannot_be_made_raises_and_names_wave_and_column(
    answers: pd.DataFrame,
    small_catalogue: Catalogue,
    wave: str,
    spoil: Callable[[pd.DataFrame], pd.DataFrame],
    message: str,
) -> None:
    waves = {"reference": answers, "current": answers} | {wave: spoil(answers)}
    with pytest.raises(DriftCheckError, match=message.format(wave=wave)):
        assess_drift(waves["reference"], waves["current"], small_catalogue)


def test_the_verdict_survives_json(january: pd.DataFrame, month: MakeMonth, catalogue: Catalogue) -> None:
    verdict = assess_drift(january, month(3.1, 5977), catalogue)
    document = json.loads(json.dumps(verdict.to_dict(), allow_nan=False))
    assert DriftVerdict.from_dict(document) == verdict


def test_the_report_is_one_page_that_loads_nothing(answers: pd.DataFrame, small_catalogue: Catalogue) -> None:
    page = assess_and_draw(answers, answers, small_catalogue).report_html()
    assert "two-sample chi-square" in page
    assert "<script src=" not in page
    assert "<link" not in page
