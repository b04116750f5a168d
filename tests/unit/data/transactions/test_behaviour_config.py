"""The choice of features by a file, demographics, and the data dictionary."""

import math
from pathlib import Path

import pandas as pd
import pytest
from dtc_data.core import SettingsError, TransactionsError
from dtc_data.transactions import (
    DemographicColumn,
    FeatureConfig,
    behaviour_features,
    data_dictionary,
    demographic_features,
    feature_definitions,
    load_feature_config,
)
from fakes.retail_lines import START, day, lines_of

PROJECT = Path(__file__).resolve().parents[4]

AGE = DemographicColumn(ordered=("young", "middle", "old"))
HOME = DemographicColumn(values=("owner", "renter"))


def test_the_shipped_file_chooses_everything() -> None:
    config = load_feature_config(PROJECT / "config" / "feature_config.yaml")

    assert config == FeatureConfig()


def test_a_file_chooses_set_windows_and_start(tmp_path: Path) -> None:
    path = tmp_path / "feature_config.yaml"
    path.write_text("sets: basic\nwindows: [30]\nhistory_from: 2020-01-01\n")
    lines = lines_of([{"day": 95}])

    features = load_feature_config(path).features(lines, day(100))

    expected = behaviour_features(lines, day(100), "basic", windows=[30], history_from=START)
    pd.testing.assert_frame_equal(features, expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sets: all\n", "feature_config.yaml: sets: .*'basic' or 'advanced'"),
        ("windows: [30, 45]\n", r"the windows are \[30, 45\], but must be some of"),
        ("window: [30]\n", "window: Extra inputs are not permitted"),
        ("demographics: {age: {ordered: [a, b], values: [a, b]}}\n", "demographics, age: give values with an order"),
        ("- basic\n", "is a list, but a configuration is a mapping with sets, windows"),
    ],
)
def test_a_wrong_file_is_refused_with_the_entry(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "feature_config.yaml"
    path.write_text(text)

    with pytest.raises(SettingsError, match=words):
        load_feature_config(path)


def test_demographics_are_ranks_indicators_and_numbers() -> None:
    customers = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c"],
            "age": ["old", "young", "alien"],
            "home": ["renter", None, "owner"],
            "size": [3, 1, None],
        }
    )

    found = demographic_features(customers, {"age": AGE, "home": HOME, "size": DemographicColumn()}, day(1))

    assert found.columns.tolist() == [
        "customer_id",
        "demographic_age",
        "demographic_home_owner",
        "demographic_home_renter",
        "demographic_size",
    ]
    rows = found.drop(columns="customer_id").to_numpy().tolist()
    assert rows[0] == [2.0, 0.0, 1.0, 3.0]
    assert rows[1] == pytest.approx([0.0, math.nan, math.nan, 1.0], nan_ok=True)
    assert rows[2] == pytest.approx([math.nan, 1.0, 0.0, math.nan], nan_ok=True)


def test_demographics_stand_behind_the_features_and_are_missing_where_nothing_is_known() -> None:
    config = FeatureConfig(demographics={"age": AGE})
    lines = lines_of([{"day": 1, "customer": "a"}, {"day": 2, "customer": "b"}])
    customers = pd.DataFrame({"customer_id": ["b", "z"], "age": ["middle", "old"]})

    known, unknown = config.features(lines, day(9), customers), config.features(lines, day(9))

    assert known["demographic_age"].tolist() == pytest.approx([math.nan, 1.0], nan_ok=True)
    assert known.columns.tolist() == unknown.columns.tolist()
    assert unknown["demographic_age"].isna().all()


def test_of_dated_demographics_the_latest_before_the_cutoff_counts() -> None:
    customers = pd.DataFrame(
        {"customer_id": ["a", "a", "a"], "age": ["old", "young", "middle"], "known_from": [day(50), day(1), day(20)]}
    )

    at = [
        demographic_features(customers, {"age": AGE}, day(number))["demographic_age"].tolist()
        for number in (1, 20, 21, 60)
    ]

    assert at == [[], [0.0], [1.0], [2.0]]


def test_a_customer_who_stands_there_twice_is_refused() -> None:
    with pytest.raises(TransactionsError, match=r"customer 'a' stands in the customers twice.*known_from"):
        demographic_features(pd.DataFrame({"customer_id": ["a", "a"], "age": ["old", "old"]}), {"age": AGE}, day(1))


def test_the_data_dictionary_in_the_docs_is_that_of_the_code() -> None:
    written = (PROJECT / "docs" / "behaviour_features.md").read_text(encoding="utf-8")

    assert written == data_dictionary(), "python 00_create_data/feature_dictionary.py docs/behaviour_features.md"


def test_every_feature_has_a_unit_a_formula_and_a_description() -> None:
    for one in feature_definitions():
        assert one.unit
        assert one.description.endswith(".")
        assert (
            f"| {one.name} | {f'{one.window} days' if one.window else 'all history'} | `{one.formula}`"
            in data_dictionary()
        )
