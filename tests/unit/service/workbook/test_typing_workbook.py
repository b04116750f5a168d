"""The typing tool as a file; that it computes what the service does is held by tests/office."""

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from dtc_data import Catalogue
from dtc_model.rule import SegmentModel
from dtc_service.errors import NoFormulaError, OutputError
from dtc_service.workbook import LIST_SHEET, ONE_SHEET, WorkbookContent, write_typing_tool
from fakes.mixed_features import MIXED, mixed_catalogue


def content_of(catalogue: Catalogue, version: str | None = None) -> WorkbookContent:
    return WorkbookContent(catalogue, SegmentModel.from_catalogue(catalogue), version)


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tool") / "tool.xlsx"
    segments = [*MIXED["segments"], {"id": 4, "name": "=1+1", "centroid": [700, 3, "often", 1, "abroad"]}]
    write_typing_tool(content_of(mixed_catalogue(segments=segments), version="3"), path, rows=20)
    return path


def texts(path: Path, sheet: str) -> list[str]:
    rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [str(value) for row in rows for value in row if value is not None]


def test_it_shows_questions_segments_and_whose_rule_it_is(tool: Path) -> None:
    assert "Do you own a car?" in texts(tool, ONE_SHEET)
    assert "one of north, south, abroad" in texts(tool, ONE_SHEET)
    assert {"Comfortable", "Struggling"} <= set(texts(tool, "Segments"))
    assert any("version 3 of the model 'household_model'" in text for text in texts(tool, "Notes"))


def test_it_holds_no_macros_and_no_links(tool: Path) -> None:
    names = zipfile.ZipFile(tool).namelist()

    assert not [name for name in names if "vba" in name.lower() or "externallink" in name.lower()]


def test_a_name_that_looks_like_a_formula_stays_a_text(tool: Path) -> None:
    names = [row[2] for row in openpyxl.load_workbook(tool)["Segments"].iter_rows(min_row=2)]

    assert [cell.data_type for cell in names if cell.value == "=1+1"] == ["s"]


def test_only_the_cells_for_answers_can_be_typed_into(tool: Path) -> None:
    sheet = openpyxl.load_workbook(tool)[LIST_SHEET]

    assert sheet.protection.sheet
    assert [cell.protection.locked for cell in sheet[4]] == [True] * 6 + [False] * 6


def test_centroids_keep_their_last_digit(tmp_path: Path) -> None:
    catalogue = Catalogue.model_validate(
        {
            "name": "digits",
            "registered_model": "digits",
            "features": [{"name": "a"}],
            "segments": [{"id": 1, "name": "x", "centroid": [0.1 + 0.2]}, {"id": 2, "name": "y", "centroid": [1.0]}],
        }
    )
    write_typing_tool(content_of(catalogue), tmp_path / "tool.xlsx", rows=1)

    rule = openpyxl.load_workbook(tmp_path / "tool.xlsx")["Rule"]
    assert [row[3].value for row in rule.iter_rows(min_row=9, max_row=10)] == [0.1 + 0.2, 1.0]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"projection": [[1.0]] * 7}, "projects all answers together"),
        (
            {
                "features": [
                    {"name": "income", "transform": "quantile", "quantiles": [0, 10, 5000]},
                    *MIXED["features"][1:],
                ]
            },
            "income",
        ),
    ],
)
def test_what_no_formula_holds_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(NoFormulaError, match=named):
        content_of(mixed_catalogue(**changes))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.xlsx"):
        write_typing_tool(content_of(mixed_catalogue()), tmp_path / "tool.csv")

    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        write_typing_tool(content_of(mixed_catalogue()), tmp_path / "nowhere" / "tool.xlsx", rows=1)
