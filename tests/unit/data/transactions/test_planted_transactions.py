"""The generator of transactions, held against what the reading of its files finds."""

import json
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.core import SettingsError, TransactionsError
from dtc_data.synthetic import SPOILS, write_planted_transactions
from dtc_data.transactions import QualityReport, read_lines

FIRST = Wave(2024, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_planted_transactions(folder / "shop.csv", 600, FIRST, 14, seed=1)
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> tuple[pd.DataFrame, QualityReport]:
    return read_lines(folder / "shop.csv")


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = json.loads((folder / "shop.truth.json").read_text())
    return told


def test_every_problem_that_is_planted_is_found_as_often(
    found: tuple[pd.DataFrame, QualityReport], truth: dict[str, dict[str, int]]
) -> None:
    _, report = found

    assert {problem.name: problem.count for problem in report.found} == truth["problems"]
    # Refused files are below; the other rule only holds where a layout drops duplicates.
    missing = {problem.name for problem in report.problems if not problem.count}
    assert missing == {*SPOILS, "one line id with two contents", "exact duplicate, dropped"}


def test_types_of_customers_order_as_they_are_said_to(
    found: tuple[pd.DataFrame, QualityReport], truth: dict[str, dict[str, int]]
) -> None:
    lines, _ = found
    purchases = lines[lines["kind"] == "purchase"]
    types = pd.Series(truth["customers"])
    orders = purchases.groupby("customer_id")["order_id"].nunique().reindex(types.index, fill_value=0)
    last = purchases.groupby("customer_id")["ordered_at"].max()
    means = orders.groupby(types).mean()

    assert means["loyal"] > 2 * means["regular"] > 2 * means["occasional"]
    assert orders[types == "once"].max() == 1
    assert last[last.index.isin(types.index[types == "lapsed"])].max() < pd.Timestamp("2024-07-15", tz="UTC")
    months = purchases.loc[purchases["customer_id"].map(types) == "end of year", "ordered_at"].dt.month
    assert months.isin([11, 12]).mean() > 0.99
    returned = lines[lines["kind"] == "cancellation"].groupby("customer_id").size().groupby(types).mean()
    assert returned.idxmax() == "returner"


def test_sales_follow_the_season(found: tuple[pd.DataFrame, QualityReport]) -> None:
    lines, _ = found
    sales = lines[lines["ordered_at"].dt.year == 2024].groupby(lines["ordered_at"].dt.month)["amount"].sum()

    assert sales[11] > 1.5 * sales[8]


def test_the_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_planted_transactions(tmp_path / "shop.csv", 600, FIRST, 14, seed=1)

    for name in ("shop.csv", "transactions.yaml", "shop.truth.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_spoiled_file_is_refused(spoil: str, tmp_path: Path) -> None:
    write_planted_transactions(tmp_path / "shop.csv", 300, FIRST, 3, seed=1, spoil=spoil)

    with pytest.raises(TransactionsError, match=r"line 2\b|column 'ordered'|carry no time zone"):
        read_lines(tmp_path / "shop.csv")


def test_lines_without_problems_can_be_had(tmp_path: Path) -> None:
    write_planted_transactions(tmp_path / "shop.parquet", 100, FIRST, 3, seed=1, problems=False)

    _, report = read_lines(tmp_path / "shop.parquet")

    assert [problem.name for problem in report.found] == ["cancellation"]
    assert report.kept_lines == report.lines


def test_an_unknown_spoil_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="choose unreadable date, "):
        write_planted_transactions(tmp_path / "shop.csv", 300, FIRST, 3, seed=1, spoil="a typo")
