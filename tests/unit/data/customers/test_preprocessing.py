"""Flat tables of customers: what is learned, from whom, and what is refused."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dtc_data.core import SettingsError
from dtc_data.customers import (
    PreprocessConfig,
    PreprocessPlan,
    is_flat_file,
    load_preprocess_config,
    preprocess_customers,
    read_customers,
    read_flat_file,
    read_plan,
)

SHIPPED = Path(__file__).parents[4] / "config" / "preprocess_config.yaml"


def cells(n: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "customerID": [f"C{number:03d}" for number in range(n)],
            "tenure": random.integers(0, 72, n).astype(str),
            "spent": [f"{value:.2f}" for value in random.gamma(2, 50, n)],
            "contract": random.choice(["monthly", "yearly", "other"], n),
            "partner": random.choice(["Yes", "No"], n),
            "Churn": random.choice(["Yes", "No"], n),
        }
    ).astype("string")


CONFIG = PreprocessConfig.model_validate({"label": {"column": "Churn"}})


def test_numbers_stay_numbers_and_texts_become_columns_of_0_and_1() -> None:
    made = preprocess_customers(cells(), CONFIG).customers

    assert list(made)[:3] == ["customer_id", "part", "left"]
    assert {"tenure", "spent", "contract=monthly", "contract=yearly", "contract=other"} <= set(made)
    assert sum(str(name).startswith("partner=") for name in made) == 1, "a second column would only repeat the first"
    assert made["left"].tolist() == (cells()["Churn"] == "Yes").tolist()
    assert made["part"].value_counts(normalize=True)["test"] == pytest.approx(0.25, abs=0.1)


def test_nothing_is_learned_from_the_test_part() -> None:
    original = cells()
    original.loc[5, "spent"] = ""
    made = preprocess_customers(original, CONFIG)
    is_test = (made.customers["part"] == "test").to_numpy()
    poisoned = original.copy()
    poisoned.loc[is_test, "spent"] = "999999"
    poisoned.loc[is_test, "contract"] = "unheard of"

    again = preprocess_customers(poisoned, CONFIG)

    assert again.plan == made.plan
    pd.testing.assert_frame_equal(again.customers[~is_test], made.customers[~is_test])


def test_a_plan_does_the_same_to_customers_of_another_day(tmp_path: Path) -> None:
    first = preprocess_customers(cells(), CONFIG)
    (tmp_path / "plan.json").write_text(first.plan.to_json())
    plan = read_plan(tmp_path / "plan.json")

    later = preprocess_customers(cells().head(3).drop(columns="Churn"), CONFIG, plan)

    assert later.plan == first.plan
    assert later.customers["left"].isna().all()
    pd.testing.assert_frame_equal(later.customers.drop(columns="left"), first.customers.head(3).drop(columns="left"))


@pytest.mark.parametrize(
    ("impute", "expected"), [("median", "median"), ("mean", "mean"), ("zero", None), ("none", None)]
)
def test_missing_numbers_become_what_the_configuration_says(impute: str, expected: str | None) -> None:
    rows = cells()
    rows.loc[0, "spent"] = " NA "
    rows["spent"] = rows["spent"].str.strip()
    config = CONFIG.model_copy(update={"numbers": CONFIG.numbers.model_copy(update={"impute": impute})})

    made = preprocess_customers(rows, config).customers

    is_train = (made["part"] == "train").to_numpy()
    known = pd.to_numeric(rows["spent"], errors="coerce")[is_train].dropna()
    values: dict[str, float] = {"zero": 0.0, "none": np.nan}
    wanted = float(getattr(known, expected)()) if expected else values[impute]
    assert made["spent"].iloc[0] == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize("scale", ["standard", "minmax", "robust", "log1p"])
def test_scaled_numbers_keep_their_order(scale: str) -> None:
    config = CONFIG.model_copy(update={"numbers": CONFIG.numbers.model_copy(update={"scale": scale})})
    made, rows = preprocess_customers(cells(), config).customers, cells()

    assert made["spent"].rank().tolist() == pd.to_numeric(rows["spent"]).rank().tolist()
    assert made["spent"].abs().max() < 20


def test_outliers_are_clipped_or_refused_by_row() -> None:
    rows = cells()
    rows.loc[7, "spent"] = "1e9"
    numbers = CONFIG.numbers.model_copy(update={"outliers": "clip"})
    clipped = preprocess_customers(rows, CONFIG.model_copy(update={"numbers": numbers})).customers
    assert clipped["spent"].max() < 10_000

    refuse = CONFIG.model_copy(update={"numbers": numbers.model_copy(update={"outliers": "refuse"})})
    with pytest.raises(SettingsError, match=r"spent: customer 'C007' holds 1e\+09, far outside"):
        preprocess_customers(rows, refuse)


def test_dates_become_days_and_none_may_lie_after_the_table_s_moment() -> None:
    rows = cells(40).assign(signup="2025-01-01")
    config = PreprocessConfig(dates={"signup": "%Y-%m-%d"}, as_of=date(2025, 1, 31))
    assert preprocess_customers(rows, config).customers["signup"].unique().tolist() == [30.0]

    rows.loc[3, "signup"] = "2025-02-01"
    with pytest.raises(SettingsError, match="signup: customer 'C003' holds '2025-02-01', which lies after as_of"):
        preprocess_customers(rows, config)


def test_a_customer_who_stands_there_twice_is_refused_unless_a_row_is_chosen() -> None:
    rows = pd.concat([cells(), cells().tail(1).assign(tenure="1000")], ignore_index=True)
    with pytest.raises(SettingsError, match="customer 'C199' stands in the rows 201 and 202 with other values"):
        preprocess_customers(rows, CONFIG)

    last = preprocess_customers(rows, CONFIG.model_copy(update={"duplicates": "last"})).customers
    assert last.set_index("customer_id").loc["C199", "tenure"] == 1000
    assert len(last) == 200


@pytest.mark.parametrize(
    ("cell", "message"),
    [("maybe", "Churn: customer 'C002' holds 'maybe'"), ("", "Churn: customer 'C002' holds nothing")],
)
def test_a_label_that_is_none_is_refused_by_customer(cell: str, message: str) -> None:
    rows = cells()
    rows.loc[2, "Churn"] = cell
    with pytest.raises(SettingsError, match=message):
        preprocess_customers(rows, CONFIG)


def test_customers_without_a_label_are_told_to_be_without() -> None:
    unlabelled = preprocess_customers(cells().drop(columns="Churn"), CONFIG)
    unnamed = preprocess_customers(cells(), CONFIG.model_copy(update={"label": None, "drop": ("Churn",)}))

    assert unlabelled.customers["left"].isna().all()
    assert any("there is no column 'Churn'" in note and "not trained on" in note for note in unlabelled.notes)
    assert any("the configuration names no label" in note for note in unnamed.notes)


def test_a_label_that_is_spelt_otherwise_never_becomes_a_feature() -> None:
    with pytest.raises(SettingsError, match="label names the column 'Churn', but the table has 'churn'"):
        preprocess_customers(cells().rename(columns={"Churn": "churn"}), CONFIG)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_the_same_table_is_read_out_of_each_kind_of_file(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"customers{ending}"
    if ending == ".csv":
        cells().to_csv(path, sep=";", index=False, encoding="utf-16")
    elif ending == ".xlsx":
        cells().to_excel(path, index=False)
    else:
        cells().to_parquet(path)
    assert read_customers(path).to_numpy().tolist() == cells().to_numpy().tolist()


def test_a_column_twice_and_a_file_without_customers_are_told(tmp_path: Path) -> None:
    (tmp_path / "twice.csv").write_text("id,a,a\n1,2,3\n")
    with pytest.raises(SettingsError, match="the column 'a' stands in the header twice"):
        read_customers(tmp_path / "twice.csv")
    (tmp_path / "empty.csv").write_text("id,a\n")
    with pytest.raises(SettingsError, match="no customers below it"):
        read_customers(tmp_path / "empty.csv")
    with pytest.raises(SettingsError, match="the file cannot be read: No such file"):
        read_customers(tmp_path / "none.csv")


def test_customers_as_numbers_survive_a_file(tmp_path: Path) -> None:
    made = preprocess_customers(cells(), CONFIG).customers
    made.to_csv(tmp_path / "made.csv", index=False)

    assert is_flat_file(tmp_path / "made.csv")
    pd.testing.assert_frame_equal(read_flat_file(tmp_path / "made.csv"), made, check_dtype=False)
    cells().to_csv(tmp_path / "raw.csv", index=False)
    assert not is_flat_file(tmp_path / "raw.csv")


def test_the_shipped_configuration_says_the_defaults() -> None:
    shipped = load_preprocess_config(SHIPPED)
    assert shipped.model_copy(update={"label": None}) == PreprocessConfig()
    assert shipped.label is not None
    assert shipped.label.column == "Churn"


def test_a_broken_plan_is_told(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(SettingsError, match="is not a plan of a preprocessing"):
        read_plan(tmp_path / "plan.json")
    assert PreprocessPlan(learned_from=1, columns=()).to_json().startswith("{")
