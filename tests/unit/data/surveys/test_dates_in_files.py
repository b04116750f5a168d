"""Dates as survey files have them."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.surveys import FileOptions, RefusedFileError, read_survey_file

Write = Callable[..., Path]


@pytest.fixture
def dated(tmp_path: Path) -> Write:
    def write(*dates: str, header: str = "date;price;ecology;visits") -> Path:
        path = tmp_path / "dated.csv"
        path.write_text("\n".join([header, *(f"{one};{number};2;3" for number, one in enumerate(dates))]) + "\n")
        return path

    return write


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("15.01.2025", "2025-01-15"),
        ("5. 1. 2025", "2025-01-05"),
        ("15.01.2025 09:30", "2025-01-15T09:30"),
        ("2025/01/15", "2025-01-15"),
        ("20250115", "2025-01-15"),
        ("01/15/2025", "2025-01-15"),
        ("15/01/2025 9:30:10", "2025-01-15T09:30:10"),
        ("15-01-2025", "2025-01-15"),
        ("45672", "2025-01-15"),
        ("45672.5", "2025-01-15T12:00"),
        ("2025-01", "2025-01-01"),
        ("01/2025", "2025-01-01"),
        ("Jan 2025", "2025-01-01"),
        ("January 2025", "2025-01-01"),
        ("03/03/2025", "2025-03-03"),
    ],
)
def test_they_are_read_as_people_write_them(written: str, meant: str, dated: Write, strict: Catalogue) -> None:
    assert read_survey_file(dated(written), strict)["date"].tolist() == [pd.Timestamp(meant, tz="UTC")]


def test_one_date_tells_the_order_of_all(dated: Write, strict: Catalogue) -> None:
    units = read_survey_file(dated("01/02/2025", "01/31/2025"), strict)

    assert [f"{moment:%Y-%m-%d}" for moment in units["date"]] == ["2025-01-02", "2025-01-31"]


def test_an_order_that_all_leave_open_is_asked_for(dated: Write, strict: Catalogue) -> None:
    path = dated("01/02/2025", "03/04/2025")

    with pytest.raises(
        RefusedFileError, match="'01/02/2025' may be two dates: say what comes first with --date-order day"
    ):
        read_survey_file(path, strict)
    units = [
        read_survey_file(path, strict, options)
        for options in (FileOptions(date_order="day"), FileOptions(date_order="month"))
    ]
    assert [frame["date"][0].month for frame in units] == [2, 1]


def test_the_catalogue_may_say_the_order(dated: Write, strict: Catalogue) -> None:
    catalogue = Catalogue.model_validate(strict.model_dump() | {"columns": {"date_order": "day"}})

    assert read_survey_file(dated("01/02/2025"), catalogue)["date"][0].month == 2


def test_dates_in_both_orders_are_refused(dated: Write, strict: Catalogue) -> None:
    with pytest.raises(RefusedFileError, match="'13/01/2025' stands beside dates in the other order"):
        read_survey_file(dated("13/01/2025", "01/13/2025"), strict)


@pytest.mark.parametrize("nonsense", ["32.01.2025", "15.01.25", "2025", "13/2025", "Smarch 2025", "99"])
def test_what_is_no_date_is_refused(nonsense: str, dated: Write, strict: Catalogue) -> None:
    with pytest.raises(RefusedFileError, match=f"'{nonsense}' is not a readable date"):
        read_survey_file(dated(nonsense), strict)


def test_a_file_without_dates_needs_a_wave(tmp_path: Path, strict: Catalogue) -> None:
    path = tmp_path / "survey.csv"
    path.write_text("customer_id,price,ecology,visits\nA,1,2,3\n")

    with pytest.raises(
        RefusedFileError, match="missing: 'date'; if everybody belongs to one month, name it with --wave"
    ):
        read_survey_file(path, strict)
    units = read_survey_file(path, strict, FileOptions(wave=Wave(2025, 1)))
    assert units["date"].tolist() == [pd.Timestamp("2025-01-01", tz="UTC")]


def test_a_column_may_name_the_month(dated: Write, strict: Catalogue) -> None:
    catalogue = Catalogue.model_validate(strict.model_dump() | {"columns": {"wave": "Welle"}})
    path = dated("2025-01", "Feb 2025", "2025-03-17", header="Welle;price;ecology;visits")

    assert [f"{moment:%Y-%m-%d}" for moment in read_survey_file(path, catalogue)["date"]] == [
        "2025-01-01", "2025-02-01", "2025-03-01",
    ]  # fmt: skip


def test_dates_outside_of_the_wave_that_was_named_may_pass(dated: Write, strict: Catalogue) -> None:
    path, wave = dated("2025-01-28", "2025-02-03"), Wave(2025, 1)

    with pytest.raises(RefusedFileError, match="line 3, column 'date': 2025-02-03 lies outside the wave 2025-01"):
        read_survey_file(path, strict, FileOptions(wave=wave))
    units = read_survey_file(path, strict, FileOptions(wave=wave, allow=frozenset({"wave"})))
    assert [moment.day for moment in units["date"]] == [28, 31]
