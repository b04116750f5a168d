import numpy as np
import pandas as pd
import pytest
from dtc_model.clustering import FeatureColumns
from dtc_model.errors import AnswersError, TrainingError
from dtc_model.rule import CategoryFeature, NumberFeature


def table(**columns: object) -> pd.DataFrame:
    n_units = 60
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {"size": random.normal(size=n_units), "format": ["city", "mall", None] * 20} | columns, index=range(n_units)
    )


def test_numbers_and_categories_are_told_by_their_types() -> None:
    frame = table(
        stores=pd.array([1, 2, None] * 20, dtype="Int64"),
        open=[True, False] * 30,
        region=pd.Categorical([3, 5] * 30),
    )
    taken = FeatureColumns.take(frame)
    assert list(taken.numbers) == ["size", "stores"]
    assert taken.levels == {"format": ("city", "mall"), "open": ("no", "yes"), "region": ("3", "5")}
    assert [type(feature) for feature in taken.features()] == [
        NumberFeature,
        CategoryFeature,
        NumberFeature,
        CategoryFeature,
        CategoryFeature,
    ]
    assert not taken.notes


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ([3.5] * 60, "'extra' is left out: it is 3.5 for every unit"),
        (["x"] * 60, "'extra' is left out: it is 'x' for every unit"),
        ([np.nan] * 60, "'extra' is left out: it has no values"),
        ([None] * 60, "'extra' is left out: it has no values"),
        ([f"store {at}" for at in range(60)], "'extra' is left out: with 60 levels among 60 units it names units"),
    ],
)
def test_a_column_that_says_nothing_is_left_out_in_words(column: list[object], words: str) -> None:
    taken = FeatureColumns.take(table(extra=column))
    assert [feature.name for feature in taken.features()] == ["size", "format"]
    assert len(taken.notes) == 1
    assert taken.notes[0].startswith(words)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (table(opened=pd.Timestamp("2020-01-01")), "'opened' is a time: turn it into a number"),
        (table(wave=complex(1, 1)), "'wave' is neither a number nor a category"),
        (table().set_index(pd.Index([7] * 60)), "unit 7 is given twice"),
        (table().iloc[:0], "no units"),
        (table().rename(columns={"size": 3}), "one column is called 3"),
        (table()[[]], "no feature tells the units apart"),
        (table(size=1.0, format="city"), "no feature tells the units apart: 'size' is left out"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_the_reason(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        FeatureColumns.take(frame)


def test_an_infinite_number_is_named_with_its_row() -> None:
    with pytest.raises(AnswersError, match=r"row 0 .*'size'.*inf"):
        FeatureColumns.take(table(size=np.inf))


def test_a_number_that_is_skewed_enters_by_its_logarithm() -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"sales": np.exp(random.normal(8, 1.5, 500)), "size": random.normal(200, 20, 500)})
    encodings = [
        feature.encoding for feature in FeatureColumns.take(frame).features() if isinstance(feature, NumberFeature)
    ]
    assert encodings == ["log1p", "raw"]


def test_what_is_often_negative_has_no_logarithm() -> None:
    random = np.random.default_rng(1)
    objection = FeatureColumns.take(pd.DataFrame({"growth": random.normal(size=200)})).objection_to("log1p")
    assert objection is not None
    assert "'growth' is negative for" in objection
    assert FeatureColumns.take(pd.DataFrame({"sales": random.exponential(size=200)})).objection_to("log1p") is None
