"""The same respondents out of every kind of file, whatever its encoding, delimiter, decimals and dates."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from dtc_data import Catalogue
from dtc_data.core import SettingsError, SurveyFileError
from dtc_data.surveys import FileOptions, RefusedFileError, SurveyReading, read_survey_file, report_html

ROWS = "customer_id,date,price,ecology,visits\nJörg,2025-01-15,1,2.5,3\nB,2025-01-16,4,0.125,1000\n"
FRAME = pd.DataFrame(
    {
        "customer_id": ["Jörg", "B"],
        "date": ["2025-01-15", "2025-01-16"],
        "price": [1, 4],
        "ecology": [2.5, 0.125],
        "visits": [3, 1000],
    }
)


@pytest.fixture
def expected(tmp_path: Path, strict: Catalogue) -> pd.DataFrame:
    (tmp_path / "plain.csv").write_text(ROWS, encoding="utf-8")
    return read_survey_file(tmp_path / "plain.csv", strict)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_out(
    encoding: str, delimiter: str, tmp_path: Path, strict: Catalogue, expected: pd.DataFrame
) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(ROWS.replace(",", delimiter).encode(encoding))

    pd.testing.assert_frame_equal(read_survey_file(path, strict), expected)


def test_an_encoding_that_was_named_is_taken(tmp_path: Path, strict: Catalogue) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(ROWS.replace("Jörg", "Ждан").encode("koi8-r"))

    assert read_survey_file(path, strict, FileOptions(encoding="koi8-r"))["unit_id"][0] == "Ждан"
    with pytest.raises(SurveyFileError, match="no encoding 'klingon'"):
        read_survey_file(path, strict, FileOptions(encoding="klingon"))


def test_excel_s_line_about_the_delimiter_is_no_header(
    tmp_path: Path, strict: Catalogue, expected: pd.DataFrame
) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("sep=;\n" + ROWS.replace(",", ";"), encoding="utf-8")

    pd.testing.assert_frame_equal(read_survey_file(path, strict), expected)


class TestDecimals:
    def test_commas_are_found_out(self, tmp_path: Path, strict: Catalogue, expected: pd.DataFrame) -> None:
        path = tmp_path / "survey.csv"
        path.write_text(ROWS.replace(",", ";").replace(".", ","), encoding="utf-8")

        pd.testing.assert_frame_equal(read_survey_file(path, strict), expected)

    @pytest.mark.parametrize(("decimal", "value"), [(",", 1.234), (None, None)])
    def test_a_comma_that_may_stand_for_thousands_is_asked_for(
        self, decimal: Any, value: float | None, tmp_path: Path, strict: Catalogue
    ) -> None:
        path = tmp_path / "survey.csv"
        path.write_text("date;price;ecology;visits\n2025-01-15;1;2;1,234\n", encoding="utf-8")
        options = FileOptions(decimal=decimal)

        if value is None:
            with pytest.raises(RefusedFileError, match="'1,234' may be a thousand and more, or have three decimals"):
                read_survey_file(path, strict, options)
        else:
            assert read_survey_file(path, strict, options)["visits"].tolist() == [value]

    def test_points_beside_commas_are_refused(self, tmp_path: Path, strict: Catalogue) -> None:
        path = tmp_path / "survey.csv"
        path.write_text("date;price;ecology;visits\n2025-01-15;1;2,5;1\n2025-01-15;1;2.5;1\n", encoding="utf-8")

        with pytest.raises(
            RefusedFileError, match=r"decimal in column 'ecology'.*\n.*'2,5' stand beside others with a point"
        ):
            read_survey_file(path, strict)


class TestExcel:
    @pytest.fixture
    def write(self, tmp_path: Path) -> Callable[..., Path]:
        def write_rows(*rows: list[Any], sheet: str = "Data") -> Path:
            book = openpyxl.Workbook()
            book.active.title = "Read me"
            book.active["A1"] = "This is our survey"
            data = book.create_sheet(sheet)
            for row in rows:
                data.append(row)
            book.save(tmp_path / "survey.xlsx")
            return tmp_path / "survey.xlsx"

        return write_rows

    def test_titles_and_empty_rows_and_columns_are_passed_over(
        self, write: Callable[..., Path], strict: Catalogue, expected: pd.DataFrame
    ) -> None:
        path = write(
            ["Survey of January", None],
            [],
            ["customer_id", None, "date", "price", "ecology", "visits", "a remark"],
            ["Jörg", None, date(2025, 1, 15), 1, 2.5, 3, "x"],
            [],
            ["B", None, datetime(2025, 1, 16), 4, "0,125", 1000, None],  # noqa: DTZ001 - as a sheet holds it
            [],
        )
        reading = SurveyReading(path, strict)

        pd.testing.assert_frame_equal(pd.concat(reading.blocks()), expected)
        form, extra = reading.remarks()
        assert "2 rows read (sheet 'Data', header in row 3)" in form
        assert extra == "1 column passed over, which the catalogue does not have: a remark"

    def test_a_bad_cell_is_named_with_the_row_of_the_sheet(self, write: Callable[..., Path], strict: Catalogue) -> None:
        path = write(
            [], ["date", "price", "ecology", "visits"], [date(2025, 1, 15), 9, 1, 1], [], [45672, 1, "x", True]
        )

        with pytest.raises(RefusedFileError) as refused:
            read_survey_file(path, strict)
        assert "row 3, column 'price': '9' is outside the feature's range from 0 to 5" in str(refused.value)
        assert "row 5, column 'ecology': 'x' is not a number" in str(refused.value)

    def test_the_sheet_may_be_named(self, write: Callable[..., Path], strict: Catalogue) -> None:
        path = write(["date", "price", "ecology", "visits"], [date(2025, 1, 15), 1, 1, 1])

        assert len(read_survey_file(path, strict, FileOptions(sheet="Data"))) == 1
        with pytest.raises(SurveyFileError, match="no sheet 'Daten', only Read me, Data"):
            read_survey_file(path, strict, FileOptions(sheet="Daten"))


def test_parquet_is_read(tmp_path: Path, strict: Catalogue, expected: pd.DataFrame) -> None:
    FRAME.assign(date=pd.to_datetime(FRAME["date"])).to_parquet(tmp_path / "survey.parquet")

    pd.testing.assert_frame_equal(read_survey_file(tmp_path / "survey.parquet", strict), expected)


class TestSpss:
    @pytest.fixture
    def catalogue(self, strict: Catalogue) -> Catalogue:
        features = [
            {"name": "price", "column": "The price matters", "type": "grade", "minimum": 1, "maximum": 5},
            {"name": "owns_car", "type": "yes_no"},
            {"name": "region", "type": "category", "values": {"north": 0.5, "south": 0.5}},
        ]
        segments = [
            entry | {"centroid": [3 + number, 0.5, "north"]}
            for number, entry in enumerate(strict.model_dump()["segments"])
        ]
        changes = {"features": features, "segments": segments, "missing_answers": {"minimum_answered": 1}}
        return Catalogue.model_validate(strict.model_dump() | changes)

    def test_value_labels_user_missing_codes_and_variable_labels_are_understood(
        self, tmp_path: Path, catalogue: Catalogue
    ) -> None:
        frame = pd.DataFrame(
            {
                "customer_id": [1001.0, 1002.0, 1003.0],
                "date": [date(2025, 1, 15)] * 3,
                "Q7": [1.0, 5.0, 99.0],
                "owns_car": [1.0, 2.0, None],
                "region": [10.0, 20.0, 10.0],
            }
        )
        pyreadstat.write_sav(
            frame,
            str(tmp_path / "survey.sav"),
            column_labels={"Q7": "The price  matters"},
            variable_value_labels={
                "Q7": {1: "Not at all", 5: "Very much", 99: "Don't know"},
                "owns_car": {1: "Yes", 2: "No"},
                "region": {10: "north", 20: "south"},
            },
            missing_ranges={"Q7": [99]},
        )
        units = read_survey_file(tmp_path / "survey.sav", catalogue)

        assert units["unit_id"].tolist() == ["1001", "1002", "1003"]
        assert units["date"].dt.date.tolist() == [date(2025, 1, 15)] * 3
        assert units["price"].fillna(-1).tolist() == [1, 5, -1]
        assert units["owns_car"].fillna(-1).tolist() == [1, 0, -1]
        assert units["region"].tolist() == ["north", "south", "north"]


class TestReport:
    LINES = "customer_id,date,price,ecology,visits\nA,2025-01-15,9,2,x\nA,2025-01-15,1,2,3\nB,2025-01-15,,2,3\nA,2025-01-15,1,2,3\n"

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        (tmp_path / "survey.csv").write_text(self.LINES)
        return tmp_path / "survey.csv"

    def test_it_names_every_kind_with_its_count_and_the_way_out(self, path: Path, strict: Catalogue) -> None:
        with pytest.raises(RefusedFileError) as refused:
            read_survey_file(path, strict)
        text, page = str(refused.value), report_html(refused.value.problems)

        assert (
            "nothing was ingested, since there are 4 problems in 3 of 4 lines (missing, range, repeated, unreadable)"
            in text
        )
        assert "range in column 'price': 1 (--allow range: takes them as missing answers)" in text
        assert "line 5: the respondent 'A' with this date is on line 3 already" in text
        assert "<td>range</td><td>price</td><td>1</td><td>line 2: &#x27;9&#x27; is outside" in page

    def test_what_was_allowed_passes_and_is_told(self, path: Path, strict: Catalogue) -> None:
        allow = frozenset({"range", "unreadable", "missing", "repeated"})
        reading = SurveyReading(path, strict, FileOptions(allow=allow))

        assert pd.concat(reading.blocks())["unit_id"].tolist() == ["A"]
        assert (
            "4 problems in 3 of 4 lines (missing, range, repeated, unreadable) may pass" in list(reading.remarks())[-1]
        )

    def test_only_what_may_pass_can_be_allowed(self, path: Path, strict: Catalogue) -> None:
        with pytest.raises(SettingsError, match="--allow columns: what may pass is unreadable, range, missing, date"):
            read_survey_file(path, strict, FileOptions(allow=frozenset({"columns"})))
