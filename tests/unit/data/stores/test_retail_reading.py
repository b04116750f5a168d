"""A retailer's files through the door."""

import json
from pathlib import Path

import pandas as pd
import pytest
from dtc_data.core import RetailDataError
from dtc_data.stores import RefusedFilesError, Treatment, read_retail
from fakes.corner_shop import GOOD, LAYOUT, PRODUCTS, SALES, STORES, Shop, failed


def test_every_spoilt_line_is_found_by_its_check_and_no_other(planted_folder: Path, tmp_path: Path) -> None:
    truth = json.loads((planted_folder / "files" / "truth.json").read_text())["spoilt_lines"]
    reading = read_retail(planted_folder / "files" / "retail.yaml", tmp_path)

    assert failed(reading) == truth
    assert reading.quality.rows["sales"] - reading.quality.read["sales"] == sum(truth.values())


@pytest.mark.parametrize(
    ("line", "check"),
    [
        (",A,2025-01-02,p,b,1,1,0", "line_id_is_given"),
        ("1,A,2025-01-03,p,b,1,1,0", "line_is_one_row"),
        ("2,X,2025-01-02,p,b,1,1,0", "store_is_known"),
        ("2,,2025-01-02,p,b,1,1,0", "store_is_known"),
        ("2,A,2025-01-02,x,b,1,1,0", "product_is_known"),
        ("2,A,31.13.2025,p,b,1,1,0", "date_is_given"),
        ("2,A,,p,b,1,1,0", "date_is_given"),
        ("2,A,2025-07-01,p,b,1,1,0", "date_is_in_the_file"),
        ("2,A,1925-07-01,p,b,1,1,0", "date_is_in_the_file"),
        ("2,B,2024-04-30,p,b,1,1,0", "store_is_open"),
        ("2,B,2025-02-02,p,b,1,1,0", "store_is_open"),
        ("2,A,2025-01-02,p,b,0,1,0", "quantity_is_not_zero"),
        ("2,A,2025-01-02,p,b,many,1,0", "quantity_is_given"),
        ("2,A,2025-01-02,p,b,inf,1,0", "quantity_is_given"),
        ("2,A,2025-01-02,p,b,1,,0", "revenue_is_given"),
        ("2,A,2025-01-02,p,b,1,-1,0", "revenue_has_the_sign"),
        ("2,A,2025-01-02,p,b,-1,1,0", "revenue_has_the_sign"),
        ("2,A,2025-01-02,p,b,1,1,-2", "discount_is_not_negative"),
        ("2,A,2025-01-02,p,b,1,1,much", "discount_is_not_negative"),
    ],
)
def test_a_wrong_line_breaks_one_check_is_shown_and_left_out(line: str, check: str, shop: Shop) -> None:
    shop.write("sales.csv", f"{SALES}{GOOD}{line}\n")
    reading = shop.read()

    assert failed(reading) == {f"sales.{check}": 1}
    outcome = reading.quality.failed[0]
    assert outcome.first[0]["row"] == "2"
    assert ",".join(list(outcome.first[0].values())[1:]) == line
    assert shop.sales()["line_id"].tolist() == ["1"]


@pytest.mark.parametrize(
    "line",
    [
        "2,B,2025-02-01,p,,1,1,",  # the day of closing, no receipt, no discount
        "2,A,2025-06-30,p,b,-1,-3.5,0",  # a return
        "2,A,2025-01-02T09:30:00,p,b,1.5,0,0",  # a time, a weight, a gift
    ],
)
def test_unusual_lines_that_are_right_are_read(line: str, shop: Shop) -> None:
    shop.write("sales.csv", f"{SALES}{GOOD}{line}\n")
    assert failed(shop.read()) == {}
    assert len(shop.sales()) == 2


@pytest.mark.parametrize(
    ("stores", "check"),
    [
        (STORES + "A,mall,2020-01-01,,1,1\n", "store_is_one_row"),
        (STORES + ",mall,2020-01-01,,10,1\n", "store_id_is_given"),
        (STORES + "C,mall,first of May,,10,1\n", "opened_is_readable"),
        (STORES + "C,mall,2020-01-01,2019-01-01,10,1\n", "closed_after_opened"),
    ],
)
def test_a_table_of_stores_that_cannot_be_trusted_is_refused(stores: str, check: str, shop: Shop) -> None:
    shop.write("stores.csv", stores)
    with pytest.raises(RefusedFilesError, match=rf"stores\.{check}: 1 of 3 rows refused.*row=3"):
        shop.read()
    assert not list((shop.folder / "tables").iterdir())


def test_an_implausible_size_counts_as_missing(shop: Shop) -> None:
    shop.write("stores.csv", STORES.replace(",100,20", ",999999999,huge"))
    reading = shop.read()
    stores = pd.read_parquet(shop.folder / "tables" / "stores.parquet")

    assert failed(reading) == {"stores.size_m2_is_plausible": 1, "stores.storage_m2_is_plausible": 1}
    assert stores["size_m2"].isna().tolist() == [True, False]
    assert stores["storage_m2"].isna().tolist() == [True, False]
    assert "1 sizes known, 1 left missing" in reading.quality.text()


def test_a_treatment_can_be_stated(shop: Shop) -> None:
    shop.write("sales.csv", f"{SALES}{GOOD}2,A,2025-01-02,p,b,1,1,-2\n3,X,2025-01-02,p,b,1,1,0\n")
    shop.write(
        "retail.yaml", LAYOUT + "treatments: {sales.discount_is_not_negative: blank, sales.store_is_known: refuse}"
    )
    with pytest.raises(RefusedFilesError, match=r"sales\.store_is_known") as caught:
        shop.read()
    assert [outcome.name for outcome in caught.value.quality.refusals] == ["sales.store_is_known"]

    shop.write("retail.yaml", LAYOUT + "treatments: {sales.discount_is_not_negative: blank}")
    reading = shop.read()
    assert {outcome.treatment for outcome in reading.quality.failed} == {Treatment.BLANK, Treatment.LEAVE_OUT}
    assert shop.sales()["discount"].isna().tolist() == [False, True]


def test_files_that_lose_too_many_lines_are_refused_and_what_was_read_before_stays(shop: Shop) -> None:
    shop.read()
    shop.write("sales.csv", f"{SALES}{GOOD}2,X,2025-01-02,p,b,1,1,0\n")
    shop.write("retail.yaml", LAYOUT.replace("refuse_above: 1", "refuse_above: 0.4"))

    with pytest.raises(RefusedFilesError, match=r"store_is_known: 1 of 2 rows refused: more than 40.0% of the rows"):
        shop.read()
    assert shop.sales()["line_id"].tolist() == ["1"]
    assert not list((shop.folder / "tables").glob("reading-*"))


def test_products_whose_category_has_no_feature_count_as_other(shop: Shop) -> None:
    shop.write("products.csv", PRODUCTS + "r,\n")
    shop.write("retail.yaml", LAYOUT + "categories: [toys]")
    reading = shop.read()

    products = pd.read_parquet(shop.folder / "tables" / "products.parquet")
    assert products["category"].tolist() == ["other", "toys", "other"]
    assert failed(reading) == {"products.category_is_given": 1}


def test_a_stock_counted_twice_a_day_counts_once(shop: Shop) -> None:
    shop.write(
        "inventory.csv", "store_id,date,product_id,on_hand\nA,2025-01-31,p,3\nA,2025-01-31,p,4\nA,2025-01-31,q,-1\n"
    )
    shop.write("retail.yaml", LAYOUT.replace("refuse_above", "  inventory: {path: inventory.csv}\nrefuse_above"))

    assert failed(shop.read()) == {"inventory.count_is_one_row": 1, "inventory.on_hand_is_not_negative": 1}
    assert pd.read_parquet(shop.folder / "tables" / "inventory.parquet")["on_hand"].tolist() == [3.0]


def test_a_text_in_a_file_is_text_in_the_report(shop: Shop) -> None:
    shop.write("sales.csv", f"{SALES}{GOOD}2,<script>alert(1)</script>,2025-01-02,p,b,1,1,0\n")
    page = shop.read().quality.html()

    assert "&lt;script&gt;" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sales.csv", "gone.csv", r"gone\.csv: the file cannot be read"),
        ("sales.csv", "stores.csv", r"there is no column date, product_id, quantity, revenue, line_id"),
        ("sales.csv", "sales.doc", r"sales\.doc is none of \.csv, .*\.parquet"),
        ("{path: sales.csv}", "{path: sales.csv, columns: {price: p}}", r"'columns' names price, but sales have"),
        ("{path: sales.csv}", "{path: sales.csv, columns: {revenue: Umsatz}}", r"no column Umsatz"),
        ("name: corner shop", "title: corner shop", r"name: is missing.*title: unknown key"),
        ("refuse_above: 1", "treatments: {sales.nonsense: keep}", r"names sales\.nonsense, but the checks are"),
        ("refuse_above: 1", "treatments: {sales.store_is_known: shrug}", "refuse"),
    ],
)
def test_a_layout_that_does_not_fit_is_said_by_name(old: str, new: str, said: str, shop: Shop) -> None:
    shop.write("retail.yaml", LAYOUT.replace(old, new))
    with pytest.raises(RetailDataError, match=said):
        shop.read()


def test_a_row_with_too_many_cells_is_an_error_that_names_the_file(shop: Shop) -> None:
    shop.write("sales.csv", SALES + GOOD * 3 + "2,A,2025-01-02,p,b,1,1,0,what,is,this\n")
    with pytest.raises(RetailDataError, match=r"sales\.csv"):
        shop.read()
