"""Units out of a file of one's own, in which segments are looked for."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from dtc_model.errors import TrainingError
from dtc_model.recipes import units_in_file

UNITS = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "asked": ["2025-01-05", "2025-01-20", "2025-02-01"],
        "price": [1.5, 2.0, None],
        "visits": [3.0, 0.0, 7.0],
        "region": ["Süd", "", "Nord"],
    }
)


def written(path: Path) -> Path:
    if path.name == "commas.csv":
        UNITS.to_csv(path, index=False, sep=";", decimal=",", encoding="latin-1")
    elif path.suffix == ".xlsx":
        UNITS.to_excel(path, index=False)
    elif path.suffix == ".sav":
        pyreadstat.write_sav(UNITS, str(path))
    elif path.suffix == ".parquet":
        UNITS.to_parquet(path)
    else:
        UNITS.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["units.csv", "commas.csv", "units.xlsx", "units.sav", "units.parquet"])
def test_every_kind_of_file_gives_the_same_units(name: str, tmp_path: Path) -> None:
    found = units_in_file(written(tmp_path / name), "id", "asked")

    wanted = UNITS.set_index("id")[["price", "visits"]]
    pd.testing.assert_frame_equal(found.features, wanted, check_dtype=False)
    assert found.notes == ("region left out: a catalogue of nearest centroids takes numbers",)
    assert found.head["missing_answers"] == {"minimum_answered": 1}


def test_only_units_of_a_month_are_taken_if_one_is_named(tmp_path: Path) -> None:
    found = units_in_file(written(tmp_path / "units.csv"), "id", "asked", ["visits"], "2025-01")
    assert found.features["visits"].to_dict() == {"a": 3.0, "b": 0.0}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,asked,price\na,2025-01-01,1\nb,2025-01-02\n", "line 3"),
        ("id,asked,price\n", "no units below it"),
        ("id;asked;price\na;2025-01-01;1,500\n", "what stands before the decimals"),
        ("id,when,price\na,2025-01-01,1\n", "there is no column 'asked'"),
        ("id,asked,price\na,2025-01-01,dear\n", "no units with numbers"),
    ],
)
def test_a_file_without_units_is_refused_with_the_place(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text(text)
    with pytest.raises(TrainingError, match=said):
        units_in_file(path, "id", "asked")
