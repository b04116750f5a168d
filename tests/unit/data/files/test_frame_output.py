"""Frames out as files: row by row, and refused in words where a kind of file cannot hold them."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from dtc_data.core import SurveyFileError
from dtc_data.files import frame_output, refuse_more_rows, write_frame, write_frames

MOMENT = pd.Timestamp("2025-04-03T12:30", tz="UTC")


def units(first: int, n_units: int) -> pd.DataFrame:
    """Units with a gap in every kind of column, and a text that a spreadsheet would run."""
    ids = [f"r{number}" for number in range(first, first + n_units)]
    gaps = np.arange(n_units) % 2 == 0
    return pd.DataFrame(
        {
            "id": ids,
            "date": pd.Series([MOMENT] * n_units),
            "answer": pd.Series([0.5] * n_units).mask(gaps),
            "segment": pd.Series([3] * n_units, dtype="Int64").mask(gaps),
            "remark": pd.Series(["=1+1"] * n_units, dtype=object).mask(gaps),
        }
    )


def test_frames_stand_under_each_other_in_one_sheet_with_their_types(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"

    assert write_frames(iter([units(0, 3), units(3, 2)]), path) == 5

    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.values)
    assert rows[0] == ("id", "date", "answer", "segment", "remark")
    assert [row[0] for row in rows[1:]] == ["r0", "r1", "r2", "r3", "r4"]
    assert rows[1] == ("r0", MOMENT.tz_localize(None).to_pydatetime(), None, None, None)
    assert rows[2][2:] == (0.5, 3, "=1+1")
    assert sheet["E3"].data_type == "s"


def test_frames_that_were_written_are_let_go(tmp_path: Path) -> None:
    written: list[weakref.ref[pd.DataFrame]] = []

    def frames() -> Iterator[pd.DataFrame]:
        for number in range(6):
            written.append(weakref.ref(frame := units(number, 1)))
            yield frame
            del frame
            gc.collect()
            assert sum(one() is not None for one in written) <= 2

    gc.freeze()  # what other tests hold is not looked through each time
    try:
        assert write_frames(frames(), tmp_path / "out.xlsx") == 6
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(
    ("name", "rows", "columns", "said"),
    [
        ("all.xlsx", 1_048_576, 30, r"1,048,575 rows .*1,048,576 rows of 30; name a \.csv or \.parquet file"),
        ("all.xlsx", 10, 16_385, "16,384 columns"),
        ("all.sav", 1_000_001, 30, r"30,000,030 cells, .* up to 30,000,000; name a \.csv or \.parquet file"),
    ],
)
def test_what_a_kind_of_file_cannot_hold_is_refused_beforehand(name: str, rows: int, columns: int, said: str) -> None:
    with pytest.raises(SurveyFileError, match=said):
        refuse_more_rows(Path(name), rows, columns)


@pytest.mark.parametrize(
    ("name", "rows"), [("a.xlsx", 1_048_575), ("a.sav", 1_000_000), ("a.csv", 10**9), ("a.parquet", 10**9)]
)
def test_what_it_holds_passes(name: str, rows: int) -> None:
    refuse_more_rows(Path(name), rows, 30)


def test_more_rows_than_were_announced_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_output, "EXCEL_ROWS", 5)
    with pytest.raises(SurveyFileError, match="holds 4 rows"):
        write_frames([units(0, 3), units(3, 3)], tmp_path / "out.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_text_too_long_for_a_cell_is_named(tmp_path: Path) -> None:
    frame = units(0, 2).assign(remark=["short", "x" * 32_768])
    with pytest.raises(SurveyFileError, match="row 3, column 'remark': a text of 32,768 characters"):
        write_frame(frame, tmp_path / "out.xlsx")
    assert not list(tmp_path.iterdir())
