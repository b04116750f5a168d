"""SPSS files that are read some cases at a time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from dtc_data.core import SurveyFileError
from dtc_data.files import (
    FileForm,
    NewColumn,
    frame_output,
    open_table,
    refuse_too_large,
    spss_table,
    write_beside,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "survey.sav"
    cases = pd.DataFrame({"q1": [*range(9), 99.0], "name": [f"R{one}" for one in range(10)], "q2": np.arange(10) / 4})
    pyreadstat.write_sav(
        cases, str(path), variable_value_labels={"q1": {0.0: "never", 8.0: "always"}}, missing_ranges={"q1": [99.0]}
    )
    return path


@pytest.fixture(params=[30, 9, 6, 15, 3], ids=lambda cells: f"{cells} cells at a time")
def _a_few_cells_at_a_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spss_table, "CELLS_AT_A_TIME", request.param)


@pytest.mark.usefixtures("_a_few_cells_at_a_time")
def test_all_cases_come_once_in_their_order_however_often_they_are_read(path: Path) -> None:
    table = open_table(path, FileForm(), [])

    for _ in range(2):
        blocks = list(table.blocks())
        assert [place for block in blocks for place in block.places] == list(range(1, 11))
        assert [cell for block in blocks for cell in block.texts(1)] == [f"R{one}" for one in range(10)]
        assert [cell for block in blocks for cell in block.texts(0)] == [*map(str, range(9)), ""]
    assert table.value_labels[0] == {0.0: "never", 8.0: "always"}


@pytest.mark.usefixtures("_a_few_cells_at_a_time")
def test_they_are_written_again_as_one_file(path: Path) -> None:
    table = open_table(path, FileForm(), [])
    writer = write_beside(table, path.with_name("labelled.sav"), [NewColumn("place", "id")], ".")
    for block in table.blocks(to_write=True):
        writer.write(block, [list(block.places)])
    writer.close()

    before, _ = pyreadstat.read_sav(str(path), user_missing=True)
    after, about = pyreadstat.read_sav(str(path.with_name("labelled.sav")), user_missing=True)
    pd.testing.assert_frame_equal(after[list(before)], before)
    assert after["place"].tolist() == list(range(1, 11))
    assert about.missing_ranges == {"q1": [{"lo": 99.0, "hi": 99.0}]}


def test_one_that_memory_could_not_hold_again_is_refused_with_the_way_out(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_too_large(open_table(path, FileForm(), []))
    monkeypatch.setattr(frame_output, "SPSS_CELLS", 29)
    with pytest.raises(
        SurveyFileError, match=r"survey.sav: the file has 30 cells.*up to 29.*Save it as .csv or .parquet"
    ):
        refuse_too_large(open_table(path, FileForm(), []))


def test_a_file_that_ends_in_its_middle_is_refused(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 60])
    with pytest.raises(SurveyFileError, match="not an SPSS file that could be read"):
        list(open_table(path, FileForm(), []).blocks())
