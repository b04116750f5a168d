"""A retailer's files of other shapes and kinds."""

from datetime import date

import pandas as pd
import pyreadstat
import pytest
from dtc_data.core import RetailDataError
from fakes.corner_shop import GOOD, LAYOUT, SALES, Shop, failed


def test_files_of_another_shape_are_read_by_what_the_layout_says(shop: Shop) -> None:
    shop.write(
        "sales.csv",
        'Bon;Pos;Filiale;Tag;Artikel;Menge;Umsatz\n77;1;A;02.01.2025;p;1,5;3,75\n77;2;A;02.01.2025;"q";1;"1,00"\n',
    )
    columns = "basket_id: Bon, store_id: Filiale, date: Tag, product_id: Artikel, quantity: Menge, revenue: Umsatz"
    file = f"{{path: sales.csv, separator: ';', decimal: ',', date_format: '%d.%m.%Y', line: [Bon, Pos], columns: {{{columns}}}}}"
    shop.write("retail.yaml", LAYOUT.replace("{path: sales.csv}", file))

    assert failed(shop.read()) == {}
    sales = shop.sales()
    assert sales["line_id"].tolist() == ["77|1", "77|2"]
    assert sales["revenue"].tolist() == [3.75, 1.0]
    assert sales["quantity"].tolist() == [1.5, 1.0]
    assert sales["date"].tolist() == [date(2025, 1, 2)] * 2
    assert sales["discount"].isna().all()


def test_parquet_files_are_read_with_their_types_and_several_as_one(shop: Shop) -> None:
    lines = pd.read_csv(shop.folder / "sales.csv").assign(date=pd.to_datetime("2025-01-02"), product_id="p")
    lines.to_parquet(shop.folder / "sales_1.parquet")
    lines.assign(line_id=2.0, basket_id=float("nan")).to_parquet(shop.folder / "sales_2.parquet")
    shop.write("retail.yaml", LAYOUT.replace("sales.csv", "sales_*.parquet"))
    shop.read()

    assert sorted(shop.sales()["line_id"]) == ["1", "2"]


def test_a_wrong_row_of_several_files_tells_which_one(shop: Shop) -> None:
    shop.write("sales_1.csv", SALES + GOOD)
    shop.write("sales_2.csv", SALES + "2,X,2025-01-02,p,b,1,1,0\n")
    shop.write("retail.yaml", LAYOUT.replace("sales.csv", "sales_*.csv"))

    first = shop.read().quality.failed[0].first[0]
    assert first["filename"].endswith("sales_2.csv")
    assert first["line_id"] == "2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1", "cp1252", "cp437"])
def test_files_in_any_encoding_are_read_as_found_or_as_the_layout_says(encoding: str, shop: Shop) -> None:
    (shop.folder / "products.csv").write_bytes("product_id,category\np,Käse\nq,Brot\n".encode(encoding))
    if encoding == "cp437":  # no byte of it tells
        shop.write("retail.yaml", LAYOUT.replace("products.csv", "products.csv, encoding: cp437"))
    shop.read()
    found = pd.read_parquet(shop.folder / "tables" / "products.parquet")
    assert sorted(found["category"]) == ["Brot", "Käse"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("first", ["", "sep=;\n"])
def test_semicolons_and_decimal_commas_are_found_out(first: str, encoding: str, shop: Shop) -> None:
    rows = "1;A;2025-01-02;p;b€;1,5;3,75;0\n2;A;2025-01-02;q;b€;1;1234,5;0,5\n"
    (shop.folder / "sales.csv").write_bytes(f"{first}{SALES.replace(',', ';')}{rows}".encode(encoding))

    assert failed(shop.read()) == {}
    sales = shop.sales().sort_values("line_id")
    assert sales["quantity"].tolist() == [1.5, 1.0]
    assert sales["revenue"].tolist() == [3.75, 1234.5]


def test_a_comma_that_may_stand_before_thousands_is_asked_for(shop: Shop) -> None:
    shop.write("sales.csv", f"{SALES.replace(',', ';')}1;A;2025-01-02;p;b1;1;1,234;0\n")
    with pytest.raises(RetailDataError, match=r"column 'revenue': '1,234' may be a thousand"):
        shop.read()
    shop.write("retail.yaml", LAYOUT.replace("{path: sales.csv}", "{path: sales.csv, decimal: ','}"))
    shop.read()
    assert shop.sales()["revenue"].tolist() == [1.234]


@pytest.mark.parametrize("ending", ["xlsx", "sav"])
def test_a_table_may_be_a_file_of_excel_or_spss(ending: str, shop: Shop) -> None:
    lines = pd.read_csv(shop.folder / "sales.csv").assign(line_id="1")
    if ending == "sav":
        pyreadstat.write_sav(lines, str(shop.folder / "sales.sav"))
    else:
        lines.to_excel(shop.folder / "sales.xlsx", index=False)
    shop.write("retail.yaml", LAYOUT.replace("sales.csv", f"sales.{ending}"))

    assert failed(shop.read()) == {}
    assert shop.sales()[["line_id", "quantity", "revenue"]].to_numpy().tolist() == [["1", 2.0, 5.0]]


def test_a_wrong_row_of_several_sheets_tells_which_file(shop: Shop) -> None:
    good = pd.read_csv(shop.folder / "sales.csv")
    good.to_excel(shop.folder / "sales_1.xlsx", index=False)
    good.assign(line_id=2, store_id="X").to_excel(shop.folder / "sales_2.xlsx", index=False)
    shop.write("retail.yaml", LAYOUT.replace("sales.csv", "sales_*.xlsx"))

    first = shop.read().quality.failed[0].first[0]
    assert first["filename"].endswith("sales_2.xlsx")
