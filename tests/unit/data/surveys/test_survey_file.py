"""Survey files: what is read from a good one, and what is said about a bad one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.core import SurveyFileError
from dtc_data.surveys import read_survey_file
from fakes.survey_files import GOOD_ROW, HEADER, Reader, refusal


def test_a_good_file_is_read_exactly(read: Reader) -> None:
    units = read(HEADER, GOOD_ROW, "B,2025-01-16T01:30:00+02:00,0.1,0.30000000000000004,1e-300,", "")

    assert units["unit_id"].tolist() == ["A", "B"]
    assert units["date"].tolist() == [
        pd.Timestamp("2025-01-15", tz="UTC"),
        pd.Timestamp("2025-01-15T23:30", tz="UTC"),
    ]
    assert units[["price", "ecology", "visits"]].to_numpy().tolist() == [
        [1.0, 2.5, -30.0],
        [0.1, 0.30000000000000004, 1e-300],
    ]
    assert units["segment"].tolist() == [7, pd.NA]
    assert [str(kind) for kind in units.dtypes] == ["object", "datetime64[us, UTC]", *["float64"] * 3, "Int64"]


def test_columns_may_come_in_any_order(read: Reader) -> None:
    ordered = read(HEADER, GOOD_ROW)
    shuffled = read("visits,persona,date,price,customer_id,ecology", "-3e1,7,2025-01-15,1,A,2.5")

    pd.testing.assert_frame_equal(ordered, shuffled)


def test_the_catalogue_says_what_the_id_and_date_columns_are_called(read: Reader, strict: Catalogue) -> None:
    renamed = Catalogue.model_validate(strict.model_dump() | {"columns": {"id": "Respondent No.", "date": "asked"}})

    units = read("Respondent No.,asked,price,ecology,visits", "A,2025-01-15,1,2,3", catalogue=renamed)

    assert units["unit_id"].tolist() == ["A"]
    assert units["segment"].isna().all()


@pytest.mark.parametrize(
    "text", ["\ufeff" + HEADER + "\r\n" + GOOD_ROW + "\r\n", HEADER + "\n\n" + GOOD_ROW + "\n\n  \n"]
)
def test_byte_order_marks_line_ends_and_blank_lines_make_no_difference(text: str, read: Reader) -> None:
    pd.testing.assert_frame_equal(read(text), read(HEADER, GOOD_ROW))


def test_spaces_around_cells_make_no_difference(read: Reader) -> None:
    spaced = read(HEADER.replace(",", " , "), GOOD_ROW.replace(",", " , "))

    pd.testing.assert_frame_equal(spaced, read(HEADER, GOOD_ROW))


def test_a_segment_that_pandas_wrote_as_a_float_is_understood(read: Reader) -> None:
    assert read(HEADER, "A,2025-01-15,1,2,3,7.0")["segment"].tolist() == [7]


@pytest.mark.parametrize("lines", [(), ("",), ("\n\n",)])
def test_an_empty_file_is_refused(lines: tuple[str, ...], read: Reader) -> None:
    assert "the file is empty" in refusal(read, *lines)


def test_a_file_without_rows_is_refused(read: Reader) -> None:
    assert "no respondents" in refusal(read, HEADER)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path: Path, strict: Catalogue) -> None:
    with pytest.raises(SurveyFileError, match=r"nowhere\.csv: the file cannot be read: No such file"):
        read_survey_file(tmp_path / "nowhere.csv", strict)
    with pytest.raises(SurveyFileError, match="the file cannot be read"):
        read_survey_file(tmp_path, strict)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("customer_id,date,price,persona", "missing: 'visits'", id="missing features"),
        pytest.param("customer_id,price,ecology,visits", "missing: 'date'", id="missing date"),
        pytest.param(HEADER + ",price", "given more than once: 'price'", id="column twice"),
        pytest.param(
            "customer_id,date,Price,ecology,visits", "missing: 'price'; the file has 'Price'", id="another case"
        ),
        pytest.param(HEADER.replace(",", "~"), "say what separates its cells with --delimiter", id="another separator"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header: str, expected: str, read: Reader) -> None:
    assert expected in refusal(read, header, GOOD_ROW)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("A,2025-01-15,one,2,3,7", "column 'price': 'one' is not a number"),
        ('A,2025-01-15,1,"2,5",3,7', "column 'ecology': '2,5' is not a number"),
        ("A,2025-01-15,1,1_000,3,7", "column 'ecology': '1_000' is not a number"),
        ("A,2025-01-15,1,\u0663,3,7", "column 'ecology': '\u0663' is not a number"),
        ("A,2025-01-15,1,0x10,3,7", "column 'ecology': '0x10' is not a number"),
        ("A,2025-01-15,1,nan,3,7", "column 'ecology': 'nan' is not a finite number"),
        ("A,2025-01-15,1,-Inf,3,7", "column 'ecology': '-Inf' is not a finite number"),
        ("A,2025-01-15,1,1e999,3,7", "column 'ecology': '1e999' is not a finite number"),
        ("A,2025-01-15,1,1e300,3,7", "column 'ecology': '1e300' is outside the feature's range"),
        ("A,2025-01-15,5.1,2,3,7", "column 'price': '5.1' is outside the feature's range from 0 to 5"),
        ("A,2025-01-15,-0.1,2,3,7", "column 'price': '-0.1' is outside the feature's range from 0 to 5"),
        ("A,2025-01-15,,2,3,7", "column 'price': the answer is missing"),
        ("A,2025-01-15,1, ,3,7", "column 'ecology': the answer is missing"),
        ("A,15.13.2025,1,2,3,7", "column 'date': '15.13.2025' is not a readable date: write it like 2025-01-31"),
        ("A,2025-02-30,1,2,3,7", "column 'date': '2025-02-30' is not a readable date"),
        ("A,today,1,2,3,7", "column 'date': 'today' is not a readable date"),
        ("A,2025,1,2,3,7", "column 'date': '2025' is not a readable date"),
        ("A,,1,2,3,7", "column 'date': the date is missing"),
        ("A,2300-01-15,1,2,3,7", "'2300-01-15' lies in a year that cannot be right: dates must lie between 1900 and 2200"),
        ("A,9999-12-31T23:59:59Z,1,2,3,7", "'9999-12-31T23:59:59Z' lies in a year that cannot be right"),
        ("A,0201-05-01,1,2,3,7", "'0201-05-01' lies in a year that cannot be right"),
        ("A,2200-12-31T23:00:00-02:00,1,2,3,7", "'2200-12-31T23:00:00-02:00' lies in a year that cannot be right"),
        ("A,2300-02-30,1,2,3,7", "column 'date': '2300-02-30' is not a readable date"),
        ("A,2025-01-15,1,2,3,8", "column 'persona': '8' is not the id of a persona in the catalogue (7, 3)"),
        ("A,2025-01-15,1,2,3,7.5", "column 'persona': '7.5' is not the id of a persona"),
        ("A,2025-01-15,1,2,3,Thrifty Theo", "column 'persona': 'Thrifty Theo' is not the id of a persona"),
        (",2025-01-15,1,2,3,7", "column 'customer_id': the id is missing"),
        ("A\0B,2025-01-15,1,2,3,7", "column 'customer_id': the id 'A\\x00B' holds characters that cannot be printed"),
        ("A" * 201 + ",2025-01-15,1,2,3,7", "column 'customer_id': the id has 201 characters; at most 200"),
        ("A,2025-01-15,1,2,3", "line 4: 5 cells, but the header has 6"),
        ("A,2025-01-15,1,2,3,7,8", "line 4: 7 cells, but the header has 6"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_with_its_line_and_column(row: str, expected: str, read: Reader) -> None:
    message = refusal(read, HEADER, "X,2025-01-15,1,2,3,7", "Y,2025-01-15,1,2,3,3", row, "Z,2025-01-15,1,2,3,")

    assert "line 4" in message
    assert expected in message
    assert "line 2" not in message
    assert "line 5" not in message


def test_lines_are_counted_as_an_editor_counts_them(read: Reader) -> None:
    message = refusal(read, HEADER, '"A\nof two lines",2025-01-15,1,2,3,7', "", "B,2025-01-15,one,2,3,7")

    assert "line 2, column 'customer_id'" in message
    assert "line 5, column 'price'" in message


def test_several_problems_are_named_and_the_others_are_counted(read: Reader) -> None:
    message = refusal(read, HEADER, *(f"{number},never,one,2,3,9" for number in range(10)), "only one cell,")

    assert "line 2, column 'date'" in message
    assert "line 2, column 'price'" in message
    assert "line 2, column 'persona'" in message
    assert "31 problems in 11 of 11 lines (cells, date, segment, unreadable)" in message
    assert message.count("and 5 more") == 3


def test_a_stray_quote_is_named_with_its_line(read: Reader) -> None:
    assert "line 3: not a CSV row" in refusal(read, HEADER, GOOD_ROW, '"B"x,2025-01-15,1,2,3,7')
    assert "line 3: not a CSV row" in refusal(read, HEADER, GOOD_ROW, '"B,2025-01-15,1,2,3,7', GOOD_ROW)


def test_a_text_that_is_only_partly_utf_8_is_refused_with_the_line(tmp_path: Path, strict: Catalogue) -> None:
    path = tmp_path / "survey.csv"
    path.write_bytes(
        b"\n".join([HEADER.encode(), "Jörg,2025-01-15,1,2,3,7".encode(), "Jürgen,2025-01-15,1,2,3,7".encode("latin-1")])
    )

    with pytest.raises(SurveyFileError, match="line 3: the text is not UTF-8, although other lines are"):
        read_survey_file(path, strict)


class TestMissingAnswers:
    def test_they_are_read_as_gaps_where_the_catalogue_allows_them(self, read: Reader, lenient: Catalogue) -> None:
        units = read(HEADER, "A,2025-01-15,,2,3,7", "B,2025-01-15,,,,", catalogue=lenient)

        expected = [[np.nan, 2.0, 3.0], [np.nan] * 3]
        np.testing.assert_array_equal(units[["price", "ecology", "visits"]].to_numpy(), expected)

    @pytest.mark.parametrize("cell", ["nan", "NA", "-", "6"])
    def test_only_an_empty_cell_is_a_missing_answer(self, cell: str, read: Reader, lenient: Catalogue) -> None:
        assert "column 'price'" in refusal(read, HEADER, f"A,2025-01-15,{cell},2,3,7", catalogue=lenient)

    def test_ids_can_be_made_from_rows_with_gaps(self, read: Reader, lenient: Catalogue) -> None:
        ids = read("date,price,ecology,visits", "2025-01-15,,2,3", "2025-01-15,2,,3", catalogue=lenient)["unit_id"]

        assert ids.is_unique
