"""Survey files with features of every type."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import SurveyFileError
from dtc_data.surveys import read_survey_file, write_survey_file
from dtc_data.synthetic import make_wave
from fakes.mixed_features import MIXED, mixed_catalogue

HEADER = "customer_id,date,income,calm,how_often,owns_car,region,segment"
TOLERANT = {"missing_answers": {"minimum_answered": 2}}
Read = Callable[..., pd.DataFrame]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_lines(*lines: str, catalogue: Catalogue | None = None) -> pd.DataFrame:
        path = tmp_path / "wave.csv"
        path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        return read_survey_file(path, catalogue or mixed_catalogue())

    return read_lines


def test_words_stay_words_and_yes_or_no_becomes_a_number(read: Read) -> None:
    units = read("a,2025-01-01,1200,3, often ,Yes,south,1", "b,2025-01-01,0,6,never,0,abroad,")
    assert units["how_often"].tolist() == ["often", "never"]
    assert units["region"].tolist() == ["south", "abroad"]
    assert units["owns_car"].tolist() == [1.0, 0.0]
    assert units["calm"].tolist() == [3.0, 6.0]
    assert units["segment"].tolist() == [1, pd.NA]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,2025-01-01,1,3,often,1,east,1", "column 'region': 'east' is not one of north, south, abroad"),
        ("a,2025-01-01,1,3,Often,1,south,1", "column 'how_often': 'Often' is not one of never, sometimes, often"),
        ("a,2025-01-01,1,3.5,often,1,south,1", "column 'calm': '3.5' is not a whole number, as a grade is"),
        ("a,2025-01-01,1,7,often,1,south,1", "column 'calm': '7' is outside the feature's range from 1 to 6"),
        ("a,2025-01-01,1,3,often,maybe,south,1", "column 'owns_car': 'maybe' is not yes (1) or no (0)"),
        ("a,2025-01-01,1,3,often,0.5,south,1", "column 'owns_car': '0.5' is not yes (1) or no (0)"),
        ("a,2025-01-01,-1,3,often,1,south,1", "column 'income': '-1' is outside the feature's range"),
        ("a,2025-01-01,1,3,often,1,,1", "column 'region': the answer is missing"),
        ("a,2025-01-01,1,99,often,1,south,1", "column 'calm': '99' stands for a missing answer"),
        ("a,2025-01-01,1,3,often,1,refused,1", "column 'region': 'refused' stands for a missing answer"),
        (
            "a,2025-01-01,1,3,often,1,south,9",
            "column 'segment': '9' is not the id of a segment in the catalogue (1, 2)",
        ),
    ],
)
def test_a_wrong_cell_is_named_in_the_words_of_its_feature(row: str, words: str, read: Read) -> None:
    with pytest.raises(SurveyFileError, match="line 2") as refused:
        read(row)
    assert words in str(refused.value)


def test_codes_of_missing_answers_are_missing_answers(read: Read) -> None:
    units = read(
        "a,2025-01-01,1,99,often,1,refused,1",
        "b,2025-01-01,1,99.0,often,1,,1",
        catalogue=mixed_catalogue(**TOLERANT),
    )
    assert units["calm"].isna().all()
    assert units["region"].isna().all()
    assert units["income"].tolist() == [1.0, 1.0]


def test_a_vendor_s_own_codes_stand_for_segments(read: Read) -> None:
    first, second = MIXED["segments"]
    catalogue = mixed_catalogue(segments=[first | {"code": "A"}, second | {"code": "B"}])
    units = read(
        "a,2025-01-01,1,3,often,1,south,A",
        "b,2025-01-01,1,3,often,1,south,2",
        "c,2025-01-01,1,3,often,1,south,B",
        catalogue=catalogue,
    )
    assert units["segment"].tolist() == [1, 2, 2]
    with pytest.raises(SurveyFileError, match=r"'C' is not the id of a segment in the catalogue \(1, 2, A, B\)"):
        read("a,2025-01-01,1,3,often,1,south,C", catalogue=catalogue)


def test_what_is_written_is_read_back_as_it_was(tmp_path: Path) -> None:
    catalogue = mixed_catalogue(**TOLERANT, columns={"id": "Household", "date": "Asked on"})
    wave = make_wave(catalogue, 300, 1, 1, Wave(2025, 1))
    wave.loc[::5, "region"], wave.loc[::7, "calm"] = None, float("nan")
    write_survey_file(wave, catalogue, tmp_path / "wave.csv")
    pd.testing.assert_frame_equal(read_survey_file(tmp_path / "wave.csv", catalogue), wave)
    assert (
        (tmp_path / "wave.csv")
        .read_text()
        .startswith("Household,Asked on,income,calm,how_often,owns_car,region,segment")
    )


def test_ids_are_derived_from_words_as_well(tmp_path: Path) -> None:
    wave = make_wave(mixed_catalogue(), 50, 1, 1, Wave(2025, 1)).drop(columns="unit_id")
    wave.drop(columns="segment").assign(date="2025-01-01").to_csv(tmp_path / "wave.csv", index=False)
    ids = read_survey_file(tmp_path / "wave.csv", mixed_catalogue())["unit_id"]
    assert ids.is_unique
    assert ids.str.startswith("2025-01-").all()
