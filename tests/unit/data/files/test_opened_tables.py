"""Files of every kind are opened in one place, with whatever error their reader has."""

from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from dtc_data.core import DtcError, RetailDataError, SurveyFileError, TransactionsError
from dtc_data.files import DecimalCommas, FileForm, TableFile, open_table, write_frame

ROWS = pd.DataFrame({"id": ["a", "b", "c"], "price": [2.5, 1.0, float("nan")], "name": ["Käse", "", "Brot"]})


def written(path: Path) -> Path:
    if path.suffix == ".sav":
        pyreadstat.write_sav(ROWS, str(path))
    else:
        write_frame(ROWS, path)
    return path


def texts(table: TableFile, column: str) -> list[str]:
    at = list(table.names).index(column)
    return [cell for block in table.blocks() for cell in block.texts(at)]


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".sav", ".parquet"])
def test_every_kind_has_the_same_names_and_cells(ending: str, tmp_path: Path) -> None:
    table = open_table(written(tmp_path / f"rows{ending}"), FileForm(), ())

    assert list(table.names) == ["id", "price", "name"]
    assert texts(table, "id") == ["a", "b", "c"]
    assert [float(cell) for cell in texts(table, "price") if cell] == [2.5, 1.0]
    assert texts(table, "name") == ["Käse", "", "Brot"]


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".sav", ".parquet"])
def test_values_are_a_series_for_each_column(ending: str, tmp_path: Path) -> None:
    table = open_table(written(tmp_path / f"rows{ending}"), FileForm(), ())
    (block,) = table.blocks()

    prices = pd.to_numeric(block.values(1), errors="coerce").astype("float64")
    assert prices.fillna(-1).tolist() == [2.5, 1.0, -1.0]
    assert block.values(0).astype("string").tolist() == ["a", "b", "c"]


def test_long_whole_numbers_beside_gaps_keep_their_digits(tmp_path: Path) -> None:
    pd.DataFrame({"card": pd.array([12345678901234567, None], dtype="Int64")}).to_parquet(tmp_path / "rows.parquet")
    (block,) = open_table(tmp_path / "rows.parquet", FileForm(), ()).blocks()
    assert block.values(0).astype("string").fillna("").tolist() == ["12345678901234567", ""]


@pytest.mark.parametrize("name", ["rows.csv", "rows.xlsx", "rows.sav", "rows.parquet", "rows.doc"])
@pytest.mark.parametrize("error_type", [SurveyFileError, TransactionsError, RetailDataError])
def test_what_is_wrong_is_the_reader_s_own_error(name: str, error_type: type[DtcError], tmp_path: Path) -> None:
    with pytest.raises(error_type, match=name):
        open_table(tmp_path / name, FileForm(), (), error_type)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(error_type, match=name):
        list(open_table(tmp_path / name, FileForm(), (), error_type).blocks())


def test_a_wrong_encoding_names_the_first_line_that_is_not_in_it(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("id,name\na,Brot\nb,Käse\n".encode("latin-1"))
    table = open_table(tmp_path / "rows.csv", FileForm(), ())
    assert (table.form, texts(table, "name")) == ("cp1252, commas", ["Brot", "Käse"])
    with pytest.raises(SurveyFileError, match="line 3: the text is not utf-8"):
        open_table(tmp_path / "rows.csv", FileForm(encoding="utf-8"), ())


def test_a_sheet_may_begin_below_a_title_and_beside_an_empty_column(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["B2"] = "Sales of June"
    columns: dict[str, list[str | float]] = {"B": ["id", "a", "b"], "C": ["price", 2.5, 3]}
    for column, cells in columns.items():
        for row, cell in enumerate(cells, start=4):
            sheet[f"{column}{row}"] = cell
    book.save(tmp_path / "rows.xlsx")

    table = open_table(tmp_path / "rows.xlsx", FileForm(), ("id", "price"))

    assert list(table.names) == ["", "id", "price"]
    assert texts(table, "price") == ["2.5", "3"]
    assert [place for block in table.blocks() for place in block.places] == [5, 6]


def test_blocks_can_be_taken_again_and_again(tmp_path: Path) -> None:
    for ending in (".csv", ".xlsx", ".sav", ".parquet"):
        table = open_table(written(tmp_path / f"rows{ending}"), FileForm(), ())
        assert texts(table, "id") == texts(table, "id") == ["a", "b", "c"]


def test_commas_beside_points_in_a_column_are_doubtful() -> None:
    decimals = DecimalCommas(None)
    decimals.points(["1,5", "2.5"], "price")
    ((column, said),) = decimals.doubts()
    assert column == "price"
    assert "'1,5' stand beside others with a point" in said
