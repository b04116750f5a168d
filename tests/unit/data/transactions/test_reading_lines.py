"""Files of every kind, and what tells how they are read."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import yaml
from dtc_data.core import LayoutError, TransactionsError
from dtc_data.transactions import Layout, load_layout, read_lines
from fakes.transaction_files import SHOP, changed, line, read, refusal, write_lines

COLUMNS = [
    "customer_id", "order_id", "product_id", "description", "department", "quantity", "unit_price", "amount", "discount",
    "ordered_at", "arrived_at", "kind", "country",
]  # fmt: skip


def test_lines_have_the_same_columns_whatever_the_file_has(tmp_path: Path) -> None:
    lines, _ = read(tmp_path, line())

    assert lines.columns.tolist() == COLUMNS
    assert lines.iloc[0].drop(["department", "discount"]).to_dict() == {
        "customer_id": "17850",
        "order_id": "1",
        "product_id": "mug",
        "description": "A mug",
        "quantity": 2.0,
        "unit_price": 2.5,
        "amount": 5.0,
        "ordered_at": pd.Timestamp("2011-06-01 09:00", tz="UTC"),
        "arrived_at": pd.Timestamp("2011-06-01 09:00", tz="UTC"),
        "kind": "purchase",
        "country": "France",
    }
    assert lines["department"].isna().all()
    assert lines["discount"].isna().all()
    assert str(lines["ordered_at"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_all_kinds_of_file_give_the_same_lines(ending: str, tmp_path: Path) -> None:
    typed = [
        line(pieces=2, price=2.5, time=pd.Timestamp("2011-06-01 10:00"), customer=17850.0, product=71053),
        line(pieces=1, price=0.5, time=pd.Timestamp("2011-06-01 10:00"), customer=None, product=22752),
    ]

    lines, report = read_lines(write_lines(tmp_path / f"lines.{ending}", typed), SHOP)

    assert lines["customer_id"].tolist() == ["17850"]
    assert lines["product_id"].tolist() == ["71053"]
    assert lines["ordered_at"].tolist() == [pd.Timestamp("2011-06-01 09:00", tz="UTC")]
    assert report["missing customer"].first_places == ((2,) if ending == "parquet" else (3,))
    assert report.place == ("line" if ending == "csv" else "row")


def test_a_book_with_lines_on_several_sheets_is_refused_unless_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "years.xlsx"
    with pd.ExcelWriter(path) as book:
        for sheet, order in (("2010", "1"), ("2011", "2")):
            pd.DataFrame([line(order=order)]).to_excel(book, sheet_name=sheet, index=False)
        pd.DataFrame({"what": ["notes of a person"]}).to_excel(book, sheet_name="notes", index=False)

    with pytest.raises(TransactionsError, match=r"the sheets '2010', '2011' have the same columns"):
        read_lines(path, SHOP)
    lines, _ = read_lines(path, changed(sheet="2011"))
    assert lines["order_id"].tolist() == ["2"]


def test_long_ids_beside_gaps_lose_no_digit(tmp_path: Path) -> None:
    ids = pd.array([9_007_199_254_740_993, None], dtype="Int64")
    frame = pd.DataFrame([line(), line(order="2", price="0.01")]).assign(customer=ids)
    frame.to_parquet(tmp_path / "lines.parquet")

    lines, _ = read_lines(tmp_path / "lines.parquet", SHOP)

    assert lines["customer_id"].tolist() == ["9007199254740993"]


def test_lines_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    many = pd.DataFrame([line()]).sample(n=300_000, replace=True, random_state=1)
    many.assign(order=range(300_000), product="p").to_parquet(tmp_path / "lines.parquet")

    lines, _ = read_lines(tmp_path / "lines.parquet", SHOP)

    assert lines["order_id"].astype(int).tolist() == list(range(300_000))


def test_a_quoted_line_break_does_not_move_the_lines_that_are_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, line(title="two\nlines"), line(pieces="many"))

    assert "line 4, column 'pieces'" in message


def test_rows_with_too_few_cells_are_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "lines.csv", [line()])
    path.write_text(path.read_text() + "1,mug\n")

    with pytest.raises(TransactionsError, match="line 3: 2 cells, but the header has 8"):
        read_lines(path, SHOP)


def test_separators_decimals_and_encodings_are_the_layouts(tmp_path: Path) -> None:
    layout = changed(delimiter=";", decimal=",", encoding="latin-1", date_formats=["%d.%m.%Y %H:%M"])
    path = tmp_path / "lines.csv"
    cells = line(price="2,50", title="Käse", time="01.06.2011 10:00")
    path.write_bytes(f"{';'.join(cells)}\n{';'.join(cells.values())}\n".encode("latin-1"))

    lines, _ = read_lines(path, layout)

    assert lines[["amount", "description"]].to_numpy().tolist() == [[5.0, "Käse"]]
    assert lines["ordered_at"].tolist() == [pd.Timestamp("2011-06-01 09:00", tz="UTC")]


def test_another_encoding_than_the_layouts_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    cells = line(title="Käse")
    path.write_bytes(f"{','.join(cells)}\n{','.join(cells.values())}\n".encode("latin-1"))

    with pytest.raises(TransactionsError, match=r"lines.csv, line 2: the text is not utf-8; say what it is"):
        read_lines(path, changed(encoding="utf-8"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_delimiter_and_decimal_commas_are_found_out(encoding: str, delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    sign = "." if delimiter == "," else ","
    rows = [line(title="Käse", price=f"2{sign}5"), line(order="2", title="Brot", price=f"1234{sign}75", pieces=1)]
    text = "\n".join(delimiter.join(map(str, cells)) for cells in [list(rows[0]), *(row.values() for row in rows)])
    path.write_bytes(f"{text}\n".encode(encoding))

    lines, _ = read_lines(path, SHOP)

    assert lines["description"].tolist() == ["Käse", "Brot"]
    assert lines["amount"].tolist() == [5.0, 1234.75]


def test_a_comma_that_may_stand_before_thousands_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    cells = line(price="1,234", pieces=1)
    path.write_text(f"{';'.join(cells)}\n{';'.join(map(str, cells.values()))}\n", encoding="utf-8")

    with pytest.raises(TransactionsError, match=r"'1,234' may be a thousand .* decimal in the file's layout"):
        read_lines(path, SHOP)

    assert read_lines(path, changed(decimal=","))[0]["amount"].tolist() == [1.234]


def test_a_file_of_spss_is_read_as_any_other(tmp_path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame([line(pieces=2.0, price=2.5, customer=17850.0)]), str(tmp_path / "lines.sav"))

    lines, report = read_lines(tmp_path / "lines.sav", SHOP)

    assert lines[["customer_id", "amount"]].to_numpy().tolist() == [["17850", 5.0]]
    assert report.place == "row"


def test_the_hour_that_a_clock_shows_twice_is_the_first_and_the_one_it_skips_moves_on(tmp_path: Path) -> None:
    lines, _ = read(tmp_path, line(time="2011-10-30 01:30"), line(order="2", time="2011-03-27 01:30"))

    assert [f"{time:%m-%d %H:%M}" for time in lines["ordered_at"]] == ["10-30 00:30", "03-27 01:00"]


def test_times_may_be_written_in_another_zone_than_the_shops(tmp_path: Path) -> None:
    lines, report = read(tmp_path, line(), layout=changed(times_in="UTC"))

    assert lines["ordered_at"].tolist() == [pd.Timestamp("2011-06-01 10:00", tz="UTC")]
    assert report.time_zone == "Europe/London"


def test_columns_of_a_known_file_need_no_layout(tmp_path: Path) -> None:
    cells = {
        "InvoiceNo": "536365", "StockCode": "85123A", "Description": "LANTERN", "Quantity": "6",
        "InvoiceDate": "12/1/2010 8:26", "UnitPrice": "2.55", "CustomerID": "17850.0", "Country": "United Kingdom",
    }  # fmt: skip

    lines, report = read_lines(write_lines(tmp_path / "lines.csv", [cells]))

    assert report.layout == "UCI Online Retail"
    assert lines["customer_id"].tolist() == ["17850"]
    assert lines["ordered_at"].tolist() == [pd.Timestamp("2010-12-01 08:26", tz="UTC")]


def test_a_layout_beside_the_file_is_found(tmp_path: Path) -> None:
    document = yaml.safe_dump(SHOP.model_dump(mode="json", exclude_unset=True))
    (tmp_path / "transactions.yaml").write_text(document)
    (tmp_path / "other.yaml").write_text(document.replace("small shop", "other shop"))
    file = write_lines(tmp_path / "lines.csv", [line()])

    lines, report = read_lines(file)
    _, by_another = read_lines(file, tmp_path / "other.yaml")

    assert (len(lines), report.layout) == (1, "small shop")
    assert by_another.layout == "other shop"


def test_unknown_columns_are_listed_with_the_way_out(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "lines.csv", [line()])

    with pytest.raises(TransactionsError, match=r"what its columns 'order', .* Describe them in a transactions.yaml"):
        read_lines(path)


@pytest.mark.parametrize(
    ("name", "content", "objection"),
    [
        ("lines.csv", b"", "the file is empty"),
        ("lines.csv", b"order,product,title,pieces,price,time,customer,country\n", "no lines below it"),
        ("lines.csv", b"order,product\n1,2\n", "the file has no column 'pieces', 'time', 'customer', 'price', 'title'"),
        ("lines.xlsx", b"PK\x03\x04", "not an Excel file that could be read"),
        ("lines.parquet", b"PAR1", "not a Parquet file that could be read"),
        ("lines.doc", b"", "the ending '.doc' is not known"),
    ],
)
def test_a_file_that_is_none_is_refused(name: str, content: bytes, objection: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TransactionsError, match=objection):
        read_lines(tmp_path / name, SHOP)


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.xlsx", "nowhere.parquet"])
def test_a_file_that_is_missing_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(TransactionsError, match=rf"{name}: the file cannot be read: No such file"):
        read_lines(tmp_path / name, SHOP)


def test_a_product_file_beside_it_describes_the_products(tmp_path: Path) -> None:
    pd.DataFrame({"code": ["mug"], "what": ["A mug"], "area": ["kitchen"]}).to_csv(tmp_path / "goods.csv", index=False)
    products = {"file": "goods.csv", "product_id": "code", "description": "what", "department": "area"}

    lines, _ = read(tmp_path, line(), line(product="cup"), layout=changed(products=products))

    assert lines["department"].fillna("-").tolist() == ["kitchen", "-"]
    with pytest.raises(TransactionsError, match=r"none.csv: the product file cannot be read"):
        read(tmp_path, line(), layout=changed(products=products | {"file": "none.csv"}))


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        ({"time_zone": "Europe/Londinium"}, "time_zone: 'Europe/Londinium' is not a time zone"),
        ({"columns": {"order_id": "order"}}, "columns, product_id: is missing"),
        ({"colums": {}}, "colums: unknown key"),
        ({"cancellations": {"column": "state"}}, "cancellations: column and values belong together"),
        ({"most_revenue_without_customer": 25}, "most_revenue_without_customer: "),
        ({"duplicates": "maybe"}, "duplicates: "),
    ],
)
def test_a_wrong_layout_is_explained(change: dict[str, object], objection: str, tmp_path: Path) -> None:
    path = tmp_path / "transactions.yaml"
    path.write_text(yaml.safe_dump({**SHOP.model_dump(mode="json", exclude_unset=True), **change}))

    with pytest.raises(LayoutError, match=objection):
        load_layout(path)


def test_a_price_or_an_amount_is_needed() -> None:
    columns = SHOP.columns.model_dump(exclude_unset=True) | {"unit_price": None}

    with pytest.raises(ValueError, match="unit_price or of amount"):
        Layout.model_validate({"name": "x", "columns": columns})
