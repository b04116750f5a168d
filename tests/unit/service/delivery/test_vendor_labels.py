"""A vendor's labelled file, compared with a catalogue that knows nothing of its other columns."""

from pathlib import Path

import pytest
from dtc_data import Catalogue
from dtc_data.core import SurveyFileError
from dtc_service.delivery import read_vendor_labels


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Four respondents without a date; the first two answered alike."""
    path = tmp_path / "labelled.csv"
    path.write_text("RespID,ecology,price,design,cluster\na,1,2,3,7\nb,1,2,3,7\nc,2,2,3,7\nd,3,2,1,9\n")
    return path


@pytest.fixture
def catalogue() -> Catalogue:
    names = ("ecology", "price", "design")
    return Catalogue.model_validate(
        {
            "name": "From centroids",
            "unit_table": "drafted",
            "registered_model": "drafted",
            "source": "test",
            "features": [{"name": name} for name in names],
            "segments": [{"id": 7, "name": "A", "centroid": [1, 2, 3]}, {"id": 9, "name": "B", "centroid": [3, 2, 1]}],
        }
    )


def test_neither_dates_nor_names_of_columns_are_asked_for(file: Path, catalogue: Catalogue) -> None:
    units = read_vendor_labels(file, catalogue, "cluster")

    assert units["unit_id"].tolist() == ["a", "b", "c", "d"]
    assert units["segment"].tolist() == [7, 7, 7, 9]


def test_without_ids_units_that_answered_alike_count_once(file: Path, catalogue: Catalogue) -> None:
    file.write_text(file.read_text().replace("RespID", "anything"))
    assert read_vendor_labels(file, catalogue, "cluster")["segment"].tolist() == [7, 7, 9]


def test_a_refusal_says_that_nothing_was_compared(file: Path, catalogue: Catalogue) -> None:
    file.write_text(file.read_text().replace("d,3", "d,x"))
    with pytest.raises(SurveyFileError, match="nothing was compared"):
        read_vendor_labels(file, catalogue, "cluster")
