"""Files in blocks: Arrow's reading and Python's are the same, wherever a block ends."""

import csv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from dtc_data import Catalogue, Feature
from dtc_data.catalogue import parse_answers
from dtc_data.core import SurveyFileError
from dtc_data.files import text_blocks
from dtc_data.files.text_column import TextColumn
from dtc_data.surveys import read_survey_file, survey_blocks
from fakes.survey_files import GOOD_ROW, HEADER
from hypothesis import given
from hypothesis import strategies as st

ROWS = [f"P{number},2025-01-{1 + number % 28:02d},{number % 6},{number / 7!r},-3e1,7" for number in range(40)]


@pytest.fixture(params=[30, 100, 10_000], ids="blocks of {} bytes".format)
def blocks_end_anywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", request.param)


def written(path: Path, lines: Sequence[str], end: str = "\n") -> Path:
    path.write_text(end.join([*lines, ""]), encoding="utf-8", newline="")
    return path


def said(path: Path, catalogue: Catalogue) -> str:
    with pytest.raises(SurveyFileError) as caught:
        read_survey_file(path, catalogue)
    return str(caught.value)


@pytest.mark.usefixtures("blocks_end_anywhere")
class TestBlocks:
    def test_a_file_is_read_as_with_quotes_around_its_ids(self, tmp_path: Path, strict: Catalogue) -> None:
        quoted = ['"' + row.replace(",", '",', 1) for row in ROWS]

        plain = read_survey_file(written(tmp_path / "plain.csv", [HEADER, *ROWS]), strict)
        careful = read_survey_file(written(tmp_path / "quoted.csv", [HEADER, *quoted]), strict)

        assert len(plain) == 40
        pd.testing.assert_frame_equal(plain, careful, check_exact=True)

    @pytest.mark.parametrize(
        "bad",
        [
            "Q,2025-01-15,one,2,3,7",
            "Q,2025-01-15,1,2,3",
            "P3,2025-01-04,1,2,3,7",
            "Q,never,9,1,2,x",
            "",
            "\u00e4,2025-01-15,1,2,1_0,7",
        ],
    )
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_the_same_is_said_about_the_same_lines(self, bad: str, end: str, tmp_path: Path, strict: Catalogue) -> None:
        lines = [HEADER, *ROWS[:17], bad, *ROWS[17:], "R,2025-02-30,1,2,3,7", "", ""]
        quoted = [line.replace("R,", '"R",') if line.startswith("R,") else line for line in lines]

        plain = said(written(tmp_path / "a.csv", lines, end), strict)

        assert plain == said(written(tmp_path / "a.csv", quoted, end), strict)
        assert "line 43, column 'date'" in plain
        assert ("line 19" in plain) == bool(bad)

    def test_another_encoding_in_one_line_is_named(self, tmp_path: Path, strict: Catalogue) -> None:
        path = tmp_path / "latin.csv"
        path.write_bytes(
            "\n".join([HEADER, "Zo\u00eb,2025-01-15,1,2,3,7", *ROWS, ""]).encode() + b"J\xf6rg,2025-01-15,1,2,3,7"
        )

        assert "line 43: the text is not UTF-8" in said(path, strict)

    def test_after_the_first_problem_no_more_blocks_come(self, tmp_path: Path, strict: Catalogue) -> None:
        path = written(tmp_path / "a.csv", [HEADER, "Q,2025-01-15,one,2,3,7", *ROWS])

        with pytest.raises(SurveyFileError, match="line 2, column 'price'"):
            next(survey_blocks(path, strict))


def test_the_blocks_are_the_file(tmp_path: Path, strict: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_BYTES", 200)
    path = written(tmp_path / "a.csv", [HEADER, *ROWS])

    blocks = list(survey_blocks(path, strict))

    assert len(blocks) > 5
    pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), read_survey_file(path, strict))


@given(st.lists(st.text("0123456789+-.eEnaif_x \u0663", max_size=9) | st.floats().map(repr), min_size=1, max_size=4))
def test_a_column_of_arrow_becomes_the_numbers_that_single_cells_become(cells: list[str]) -> None:
    feature = Feature(name="x")

    fast, slow = (
        parse_answers(column, feature, missing_allowed=True) for column in (TextColumn(pa.array(cells)), cells)
    )

    np.testing.assert_array_equal(fast[0], slow[0])
    assert fast[1] == slow[1]


def cells_of(path: Path, delimiter: str) -> list[list[str]]:
    _, blocks = text_blocks.read_text_blocks(path, delimiter)
    return [list(row) for block in blocks for row in zip(*block.columns, strict=True)]


CELLS = st.text('ab ",;\n', max_size=4)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12),
    delimiter=st.sampled_from([",", ";", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block_bytes=st.integers(5, 60),
)
def test_quotes_mean_what_they_mean_to_python(
    rows: list[tuple[str, str]], delimiter: str, quoting: Literal[0, 1], block_bytes: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_blocks, "BLOCK_BYTES", block_bytes)
        path = Path(folder) / "quoted.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, quoting=quoting, lineterminator="\n")
            writer.writerows([("first", "second"), *rows])
        assert cells_of(path, delimiter) == [list(row) for row in rows]


def test_quotes_around_whole_cells_are_left_to_arrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(text_blocks, "_careful_blocks")
    path = written(tmp_path / "quoted.csv", ['"id","place"', '"a","North, by the sea"', 'b,""', '"c",d'], "\r\n")
    assert cells_of(path, ",") == [["a", "North, by the sea"], ["b", ""], ["c", "d"]]


def test_a_stray_quote_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "stray.csv", ["id,place", '"a","b"', '"c"d,e'])
    with pytest.raises(SurveyFileError, match="line 3: not a CSV row"):
        cells_of(path, ",")


def test_a_good_row_alone_is_read_without_a_line_end(tmp_path: Path, strict: Catalogue) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\n{GOOD_ROW}", encoding="utf-8")

    assert read_survey_file(path, strict)["unit_id"].tolist() == ["A"]
