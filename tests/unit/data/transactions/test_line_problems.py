"""What is done about each problem that lines can have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fakes.transaction_files import SHOP, changed, line, read, refusal


@pytest.mark.parametrize(
    ("problem", "bad", "treatment"),
    [
        ("missing customer", {"customer": "", "pieces": "1", "price": "0.01"}, "quarantined"),
        ("negative quantity without a cancellation", {"pieces": "-3"}, "quarantined"),
        ("price 0", {"price": "0"}, "left out"),
        ("quantity 0", {"pieces": "0"}, "left out"),
        ("negative price", {"price": "-1"}, "line refused"),
        ("code that is not for goods", {"product": "Post"}, "left out"),
    ],
)
def test_a_line_with_a_problem_is_taken_out_and_counted(
    problem: str, bad: dict[str, str], treatment: str, tmp_path: Path
) -> None:
    lines, report = read(tmp_path, line(), line(**{"order": "2", "product": "cup"} | bad))

    assert lines["product_id"].tolist() == ["mug"]
    found = report[problem]
    assert (found.count, found.lines, found.treatment, found.first_places) == (1, 1, treatment, (3,))
    assert [other.name for other in report.found] == [problem]


@pytest.mark.parametrize(
    ("bad", "objection"),
    [
        ({"time": "soon"}, "line 3, column 'time': 'soon' is not a readable date"),
        ({"time": "20110601"}, "line 3, column 'time': '20110601' is not a readable date"),
        ({"time": ""}, "line 3, column 'time': the ordered time is missing"),
        ({"pieces": "many"}, "line 3, column 'pieces': 'many' is not a number"),
        ({"pieces": ""}, "line 3, column 'pieces': the quantity is missing"),
        (
            {"price": "1,5"},
            "line 3, column 'price': '1,5' is not a number: if a comma stands before decimals, write decimal: ',' into the layout",
        ),
        ({"price": "inf"}, "line 3, column 'price': 'inf' is not a number"),
        ({"order": " "}, "line 3, column 'order': the order id is missing"),
        ({"product": ""}, "line 3, column 'product': the product id is missing"),
    ],
)
def test_a_cell_that_cannot_be_read_refuses_the_file_and_is_named(
    bad: dict[str, str], objection: str, tmp_path: Path
) -> None:
    message = refusal(tmp_path, line(), line(**bad), line())

    assert objection in message


def test_all_bad_cells_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    message = refusal(tmp_path, *(line(pieces="many") for _ in range(12)))

    assert "line 2," in message
    assert "line 6," in message
    assert "line 7," not in message
    assert "and 7 more" in message


def test_a_line_after_the_day_of_the_file_refuses_it(tmp_path: Path) -> None:
    layout = changed(file_date="2011-06-01")

    read(tmp_path, line(time="2011-06-01 23:59"), layout=layout)
    message = refusal(tmp_path, line(), line(time="2011-06-02 00:00"), layout=layout)

    assert "line 3, column 'time': 2011-06-02 00:00 lies after the file's day" in message
    assert "2011-06-01 23:00 UTC" in message


def test_without_a_date_a_file_is_as_old_as_its_last_change(tmp_path: Path) -> None:
    tomorrow = f"{pd.Timestamp.now('UTC') + pd.Timedelta(days=2):%Y-%m-%d %H:%M}"

    assert "lies after the file's day" in refusal(tmp_path, line(time=tomorrow))


def test_times_without_a_zone_need_one_in_the_layout(tmp_path: Path) -> None:
    layout = changed(time_zone=None)

    assert "carry no time zone (line 2). Name the shop's" in refusal(tmp_path, line(), layout=layout)
    lines, _ = read(tmp_path, line(time="2011-06-01T10:00:00+02:00"), line(time="2011-06-01T10:00:00Z"), layout=layout)
    assert [f"{time:%H:%M}" for time in lines["ordered_at"]] == ["08:00", "08:00"]


def test_two_currencies_refuse_the_file(tmp_path: Path) -> None:
    columns = {"currency": "money"}
    pounds, euros = line(money="GBP"), line(money="EUR")

    message = refusal(tmp_path, pounds, euros, layout=changed(columns=columns, currency=None))
    undeclared = refusal(tmp_path, euros, layout=changed(columns=columns))

    assert "two currencies (1 line" in message
    assert "two currencies (1 line, first on line 2)" in undeclared


def test_an_order_of_two_customers_refuses_the_file(tmp_path: Path) -> None:
    message = refusal(tmp_path, line(), line(customer="17851"))

    assert "one order with two customers (1 order, first on line 2, 3)" in message


def test_too_much_revenue_without_a_customer_refuses_the_file(tmp_path: Path) -> None:
    nobody = line(order="2", customer="")

    message = refusal(tmp_path, line(), nobody)
    _, report = read(tmp_path, line(), nobody, layout=changed(most_revenue_without_customer=0.5))

    assert "the customer is missing on 1 line with 50.0% of the revenue, more than 25.0%" in message
    assert report["missing customer"].share_of_revenue == 0.5


def test_an_order_with_two_times_has_the_earliest(tmp_path: Path) -> None:
    lines, report = read(tmp_path, line(time="2011-06-01 10:01"), line(product="cup"), line(order="2"))

    assert lines["ordered_at"].unique().tolist() == [pd.Timestamp("2011-06-01 09:00", tz="UTC")]
    assert (lines["arrived_at"] == lines["ordered_at"]).all()
    assert (report["one order with two times"].count, report["one order with two times"].lines) == (1, 2)


def test_a_customer_in_two_countries_is_told(tmp_path: Path) -> None:
    lines, report = read(tmp_path, line(), line(order="2", country="Spain"), line(order="3", customer="1"))

    assert len(lines) == 3
    assert (report["customer in two countries"].count, report["customer in two countries"].lines) == (1, 2)


def test_equal_lines_are_kept_unless_the_layout_says_otherwise(tmp_path: Path) -> None:
    kept, report = read(tmp_path, line(), line(), line())
    dropped, dropping_report = read(tmp_path, line(), line(), line(), layout=changed(duplicates="drop"))

    assert (len(kept), report["exact duplicate"].count, report["exact duplicate"].first_places) == (3, 2, (3, 4))
    assert (len(dropped), dropping_report["exact duplicate, dropped"].count) == (1, 2)


def test_equal_lines_with_the_same_id_are_one(tmp_path: Path) -> None:
    lines, report = read(tmp_path, line(id="a"), line(id="a"), line(id="b"), layout=changed(columns={"line_id": "id"}))

    assert (len(lines), report["line id repeated"].count) == (2, 1)


def test_one_id_with_two_contents_needs_times_of_arrival(tmp_path: Path) -> None:
    message = refusal(tmp_path, line(id="a"), line(id="a", pieces="3"), layout=changed(columns={"line_id": "id"}))

    assert "one line id with two contents" in message


def test_a_corrected_line_is_reversed_when_the_correction_arrives(tmp_path: Path) -> None:
    layout = changed(columns={"line_id": "id", "arrived_at": "known"})
    first = line(id="a", known="2011-06-01 10:05")
    correction = line(id="a", pieces="3", known="2011-06-09 08:00")

    lines, report = read(tmp_path, first, correction, layout=layout)

    assert lines["quantity"].tolist() == [2, -2, 3]
    assert lines["amount"].tolist() == [5, -5, 7.5]
    assert lines["kind"].unique().tolist() == ["purchase"]
    assert [f"{time:%d}" for time in lines["arrived_at"]] == ["01", "09", "09"]
    assert report["corrected later"].first_places == (2,)


def test_a_line_that_is_corrected_to_nothing_is_reversed_all_the_same(tmp_path: Path) -> None:
    layout = changed(columns={"line_id": "id", "arrived_at": "known"})
    first = line(id="a", known="2011-06-01 10:05")

    lines, _ = read(tmp_path, first, line(id="a", pieces="0", known="2011-06-09 08:00"), layout=layout)

    assert lines["amount"].tolist() == [5, -5]


def cancellation(**cells: Any) -> Mapping[str, Any]:
    return line(**{"order": "C2", "pieces": "-2", "time": "2011-06-05 10:00"} | cells)


def test_a_cancellation_is_kept_and_matched_with_its_purchase(tmp_path: Path) -> None:
    lines, report = read(tmp_path, line(), line(product="cup"), cancellation(), cancellation(product="jug"))

    assert lines["kind"].tolist() == ["purchase", "purchase", "cancellation", "cancellation"]
    assert lines["amount"].tolist() == [5, 5, -5, -5]
    assert report["cancellation"].count == 2
    assert report["cancellation without its purchase"].first_places == (5,)
    assert report["order wholly cancelled"].count == 0


def test_an_order_is_wholly_cancelled_once_each_of_its_lines_is(tmp_path: Path) -> None:
    _, report = read(tmp_path, line(), line(product="cup"), cancellation(), cancellation(product="cup"))

    assert (report["order wholly cancelled"].count, report["order wholly cancelled"].lines) == (1, 2)


def test_a_cancellation_before_the_purchase_takes_nothing_back(tmp_path: Path) -> None:
    _, report = read(tmp_path, cancellation(time="2011-05-01 10:00"), line())

    assert report["cancellation without its purchase"].count == 1
    assert report["order wholly cancelled"].count == 0


def test_a_cancellation_takes_back_the_latest_purchase(tmp_path: Path) -> None:
    earlier, later = line(order="7"), line(order="8", time="2011-06-02 10:00")

    _, report = read(tmp_path, earlier, later, cancellation())

    assert report["order wholly cancelled"].first_places == (3,)


def test_customers_who_only_cancelled_are_told(tmp_path: Path) -> None:
    lines, report = read(tmp_path, line(), cancellation(customer="1"), cancellation(order="C3", customer="1"))

    assert len(lines) == 3
    found = report["customer with cancellations only"]
    assert (found.count, found.lines, found.share_of_revenue) == (1, 2, 2.0)


@pytest.mark.parametrize(
    ("signs", "cells"),
    [
        ({"column": "state", "values": ["returned"]}, {"state": "returned"}),
        ({"negative_quantity": True}, {"pieces": "-2"}),
    ],
)
def test_a_shop_says_how_its_cancellations_look(signs: dict[str, Any], cells: dict[str, str], tmp_path: Path) -> None:
    lines, report = read(
        tmp_path, line(state=""), line(**{"order": "2", "state": ""} | cells), layout=changed(cancellations=signs)
    )

    assert lines["quantity"].tolist() == [2, -2]
    assert lines["amount"].tolist() == [5, -5]
    assert report["cancellation"].count == 1


def test_what_is_sold_by_measure_counts_as_one_item(tmp_path: Path) -> None:
    lines, report = read(
        tmp_path, line(product="fuel", pieces="9976", price="0.0025"), line(), layout=changed(sold_by_measure=["fuel"])
    )

    assert lines["quantity"].tolist() == [1, 2]
    assert lines["amount"].tolist() == pytest.approx([24.94, 5])
    assert lines["unit_price"].tolist() == pytest.approx([24.94, 2.5])
    assert report["sold by measure"].count == 1


def test_plain_cleaning_applies_four_rules_and_no_other(tmp_path: Path) -> None:
    given = (line(), line(product="POST"), line(customer=""), line(price="0"), cancellation(), line(pieces="-1"))
    layout = changed(most_revenue_without_customer=1)

    lines, report = read(tmp_path, *given, layout=layout, plain=True)

    assert lines["product_id"].tolist() == ["mug", "POST"]
    assert (report.plain.lines, report.plain.customers) == (2, 1)


def test_amounts_are_net_of_discounts_where_the_file_has_them(tmp_path: Path) -> None:
    layout = changed(columns={"unit_price": None, "amount": "paid", "discount": ["card", "coupon"]})

    lines, report = read(
        tmp_path,
        line(paid="4.00", card="0.75", coupon="0.25"),
        line(order="C2", paid="4.00", card="", coupon=""),
        layout=layout,
    )

    assert lines["amount"].tolist() == [4, -4]
    assert lines["unit_price"].tolist() == [2, 2]
    assert lines["discount"].tolist()[0] == 1
    assert lines["discount"].isna().tolist() == [False, True]
    assert report.revenue == 4
    assert SHOP.columns.amount is None
