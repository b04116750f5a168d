"""The typing tool, computed by LibreOffice, gives the labels of the service, row for row."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from dtc_data import Catalogue
from dtc_model.rule import SegmentModel
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from dtc_service.workbook import LIST_SHEET, ONE_SHEET, WorkbookContent, write_typing_tool
from fakes.mixed_features import MIXED, mixed_catalogue
from fakes.registry import ModelShelf
from fakes.served import serving
from fakes.workbooks import Recalculate
from openpyxl.worksheet.worksheet import Worksheet

pytestmark = pytest.mark.office

N_ROWS = 1_000
FIRST_ROW = 4
FIRST_ANSWER = 8
Row = Sequence[Any]

TIES = Catalogue.model_validate(
    {
        "name": "ties",
        "registered_model": "ties",
        "missing_answers": {"minimum_answered": 2},
        "features": [{"name": "price"}, {"name": "ecology"}, {"name": "visits", "scale": 2.0}],
        "personas": [
            {"id": 7, "name": "seven", "centroid": [0.0, 0.0, 0.0]},
            {"id": 3, "name": "three", "centroid": [2.0, 0.0, 0.0]},
            {"id": 5, "name": "five", "centroid": [0.0, 2.0, 4.0]},
        ],
    }
)
# Shares with a last digit: sums that are equal on paper differ in it, and the smaller one wins in the service.
SHARES = Catalogue.model_validate(
    {
        "name": "shares",
        "registered_model": "shares",
        "missing_answers": {"minimum_answered": 2},
        "features": [{"name": f"did_{number}", "type": "yes_no"} for number in range(70)],
        "segments": [
            {"id": 1, "name": "One", "centroid": [0.1, 0.7, 0.3, 0.9, 0.2] * 14},
            {"id": 2, "name": "Two", "centroid": [0.7, 0.1, 0.9, 0.3, 0.2] * 14},
            {"id": 3, "name": "=Three", "centroid": [0.3, 0.9, 0.1, 0.7, 0.2] * 14},
        ],
    }
)
EVERY_TYPE = mixed_catalogue(
    missing_answers={"minimum_answered": 3},
    features=[
        *MIXED["features"],
        {"name": "spend", "mean": 40.5, "sd": 12.25, "weight": 2.5, "minimum": 0, "maximum": 100, "missing": [-1]},
    ],
    segments=[
        {"id": 1, "name": "Comfortable", "centroid": [3000, 5, "sometimes", 0.25, "north", 70]},
        {"id": 2, "name": "Struggling", "centroid": [500, 1.5, 2.5, 0.75, {"south": 0.75, "north": 0.25}, 20]},
        {"id": 9, "name": "Travelling", "centroid": [900, 3, "often", 0.5, "abroad", 45]},
    ],
)


def tied_rows(rng: np.random.Generator) -> list[Row]:
    rows = rng.integers(-2, 5, (N_ROWS, 3)).astype(object)
    rows[rng.random(rows.shape) < 0.15] = None
    return list(rows.tolist())


def yes_no_rows(rng: np.random.Generator) -> list[Row]:
    rows = np.tile(rng.integers(0, 2, (N_ROWS // 4, 5)), 14).astype(object)  # a sheet of 70 features takes its time
    rows[rng.random(rows.shape) < 0.02] = None
    rows[::50, 1:] = None
    return list(rows.tolist())


def mixed_rows(rng: np.random.Generator) -> list[Row]:
    columns = [
        rng.lognormal(7, 1, N_ROWS).round(2),
        rng.integers(1, 7, N_ROWS),
        rng.choice(["never", "sometimes", "often"], N_ROWS),
        rng.integers(0, 2, N_ROWS),
        rng.choice(["north", "south", "abroad"], N_ROWS),
        rng.integers(0, 101, N_ROWS),
    ]
    rows = np.array([column.astype(object) for column in columns]).T
    rows[rng.random(rows.shape) < 0.2] = None
    rows[::7, 1], rows[::11, 4], rows[::13, 5] = 99, "refused", -1
    return list(rows.tolist())


def by_service(catalogue: Catalogue, rows: list[Row]) -> dict[str, list[Any]]:
    """Ask the service over HTTP."""
    shelf = ModelShelf({"1": SegmentModel.from_catalogue(catalogue)})
    shelf.production = "1"
    holder = ModelHolder(shelf, lambda served: Labeller(served, catalogue, N_ROWS, 10**7), 5)
    holder.refresh()
    client = create_app(ServiceSettings(), serving(catalogue, holder)).test_client()
    body = [dict(zip(catalogue.feature_names, row, strict=True)) for row in rows]
    answer = client.post("/predict?detail=full", json=body)
    assert answer.status_code == 200, answer.text
    document: Any = answer.json
    return dict(document | document["detail"])


def write_tool(catalogue: Catalogue, path: Path, rows: int) -> None:
    write_typing_tool(WorkbookContent(catalogue, SegmentModel.from_catalogue(catalogue)), path, rows=rows)


def paste(path: Path, rows: list[Row]) -> None:
    """Type ids and answers into the yellow cells of the list."""
    book = openpyxl.load_workbook(path)
    for number, row in enumerate(rows):
        for column, value in enumerate([f"R{number}", *row], start=FIRST_ANSWER - 1):
            book[LIST_SHEET].cell(FIRST_ROW + number, column).value = value
    book.save(path)


def shown(sheet: Worksheet, column: int, n_rows: int) -> Iterator[Any]:
    for row in range(FIRST_ROW, FIRST_ROW + n_rows):
        yield sheet.cell(row, column).value or None


@pytest.mark.parametrize(
    ("catalogue", "make_rows"),
    [
        pytest.param(TIES, tied_rows, id="ties"),
        pytest.param(SHARES, yes_no_rows, id="last digits"),
        pytest.param(EVERY_TYPE, mixed_rows, id="features of every type"),
    ],
)
def test_a_list_gets_the_labels_of_the_service_row_for_row(
    catalogue: Catalogue, make_rows: Any, tmp_path: Path, recalculate: Recalculate
) -> None:
    rows, path = make_rows(np.random.default_rng(4)), tmp_path / "tool.xlsx"
    wanted = by_service(catalogue, rows)
    write_tool(catalogue, path, len(rows))
    paste(path, rows)

    sheet, n_rows = recalculate(path)[LIST_SHEET], len(rows)

    assert list(shown(sheet, 1, n_rows)) == wanted["labels"]
    assert list(shown(sheet, 3, n_rows)) == wanted[f"runner_up_{catalogue.segment_column}"]
    margins = np.array([margin or 0 for margin in shown(sheet, 4, n_rows)], dtype=float)
    np.testing.assert_allclose(margins, np.array([margin or 0 for margin in wanted["margin"]]), atol=1e-9)
    assert [answered or 0 for answered in shown(sheet, 5, n_rows)] == wanted["answered"]
    assert None in wanted["labels"]
    assert set(catalogue.segment_ids) <= set(wanted["labels"])


def test_wrong_answers_are_named_and_get_no_segment(tmp_path: Path, recalculate: Recalculate) -> None:
    path = tmp_path / "tool.xlsx"
    write_tool(EVERY_TYPE, path, 5)
    good: Row = [1000, 3, "often", 1, "north", 50]
    paste(
        path, [good, [1000, 7, *good[2:]], [1000, 3, "rarely", *good[3:]], [1000, 3.5, *good[2:]], ["much", *good[1:]]]
    )

    sheet = recalculate(path)[LIST_SHEET]

    assert list(shown(sheet, 6, 5)) == [
        None,
        *(f"not valid: {name}" for name in ("calm", "how_often", "calm", "income")),
    ]
    assert [bool(name) for name in shown(sheet, 2, 5)] == [True, False, False, False, False]


def test_one_respondent_is_typed_by_answers_in_words(tmp_path: Path, recalculate: Recalculate) -> None:
    path = tmp_path / "tool.xlsx"
    write_tool(EVERY_TYPE, path, 1)
    book = openpyxl.load_workbook(path)
    for row, answer in enumerate([2500, "5", " sometimes", "Yes", "north", None], start=12):
        book[ONE_SHEET].cell(row, 4).value = answer
    book.save(path)

    sheet = recalculate(path)[ONE_SHEET]

    wanted = by_service(EVERY_TYPE, [[2500, 5, "sometimes", 1, "north", None]])
    assert sheet["B4"].value == wanted["segments"][0]
    assert sheet["B8"].value == 5
    assert sheet["E17"].value == "missing"


def test_what_files_have_in_the_place_of_answers_is_taken_likewise(tmp_path: Path, recalculate: Recalculate) -> None:
    features = [dict(feature) for feature in MIXED["features"]]
    features[1] |= {"labels": {str(7 - answer): answer for answer in range(1, 7)}}  # the file counts backwards
    features[2] |= {"labels": {"Nie": "never", "Oft": "often"}}
    features[3] |= {"labels": {"Ja": 1, "Nein": 0}}
    catalogue, path = mixed_catalogue(features=features), tmp_path / "tool.xlsx"
    write_tool(catalogue, path, 3)
    paste(path, [[1000, 6, "OFT", "nein", "north"], [1000, 1, "never", 1, "south"], [1000, 99, "often", "ja", "south"]])

    sheet = recalculate(path)[LIST_SHEET]

    wanted = by_service(catalogue, [[1000, 1, "often", 0, "north"], [1000, 6, "never", 1, "south"]])
    assert list(shown(sheet, 1, 3)) == [*wanted["labels"], None]
    np.testing.assert_allclose([*shown(sheet, 4, 2)], wanted["margin"], atol=1e-9)
