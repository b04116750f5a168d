"""Survey files that the product writes."""

from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import SurveyFileError
from dtc_data.surveys import read_survey_file, write_survey_file
from dtc_data.synthetic import make_wave
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files") / "survey.csv"


@st.composite
def waves(draw: st.DrawFn, catalogue: Catalogue) -> pd.DataFrame:
    """Draw a synthetic wave, moved by some minutes."""
    wave = make_wave(
        catalogue,
        n_units=draw(st.integers(1, 30)),
        std_dev=draw(st.floats(1e-3, 1e6)),
        seed=draw(st.integers(0, 2**32 - 1)),
        wave=Wave(2025, 1),
        labelled=draw(st.booleans()),
    )
    later = wave["date"] + pd.Timedelta(minutes=draw(st.integers(0, 10_000)))
    wave = wave.assign(date=later.dt.as_unit("us"))
    if draw(st.booleans()):
        weights = st.lists(st.floats(0, 1e9), min_size=len(wave), max_size=len(wave)).filter(any)
        wave["survey_weight"] = draw(weights)
    return wave


@given(data=st.data())
def test_a_written_file_is_read_back_exactly(data: st.DataObject, small_catalogue: Catalogue, path: Path) -> None:
    wave = data.draw(waves(small_catalogue))

    write_survey_file(wave, small_catalogue, path)

    pd.testing.assert_frame_equal(read_survey_file(path, small_catalogue), wave, check_exact=True)


def test_the_file_has_the_vendors_names_and_plain_dates(small_catalogue: Catalogue, path: Path) -> None:
    columns = {"id": "respondent", "date": "asked_on"}
    catalogue = Catalogue.model_validate(small_catalogue.model_dump() | {"columns": columns})

    write_survey_file(make_wave(catalogue, 2, 1, 1, Wave(2025, 1)), catalogue, path)

    header, first, *_ = path.read_text().splitlines()
    assert header == "respondent,asked_on,price,ecology,visits,persona"
    assert first.startswith("2025-01-0001,2025-01-01,")


def test_what_is_written_is_not_changed(small_catalogue: Catalogue, path: Path) -> None:
    wave = make_wave(small_catalogue, 5, 1, 1, Wave(2025, 1))
    before = wave.copy(deep=True)

    write_survey_file(wave, small_catalogue, path)

    pd.testing.assert_frame_equal(wave, before)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(small_catalogue: Catalogue, tmp_path: Path) -> None:
    target = tmp_path / "survey.csv"
    target.write_text("old")
    broken = make_wave(small_catalogue, 5, 1, 1, Wave(2025, 1)).assign(unit_id="\ud800")  # cannot be encoded

    with pytest.raises(UnicodeEncodeError):
        write_survey_file(broken, small_catalogue, target)

    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_does_not_exist_is_named(small_catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(SurveyFileError, match=r"nowhere/survey\.csv: the file cannot be written: No such file"):
        write_survey_file(
            make_wave(small_catalogue, 1, 1, 1, Wave(2025, 1)), small_catalogue, tmp_path / "nowhere" / "survey.csv"
        )


@pytest.mark.parametrize("place", ["a file/survey.csv", "n" * 300, "loop/survey.csv"])
def test_a_place_where_nothing_can_be_written_is_named_with_the_reason(
    small_catalogue: Catalogue, tmp_path: Path, place: str
) -> None:
    (tmp_path / "a file").write_text("old")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SurveyFileError, match=r"the file cannot be written: (Not a dir|File name too|Too many levels)"):
        write_survey_file(make_wave(small_catalogue, 1, 1, 1, Wave(2025, 1)), small_catalogue, tmp_path / place)


def test_only_files_are_replaced(small_catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(SurveyFileError, match="not a file"):
        write_survey_file(make_wave(small_catalogue, 1, 1, 1, Wave(2025, 1)), small_catalogue, tmp_path)


def test_a_link_keeps_pointing_to_the_file_that_is_written(small_catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    link = tmp_path / "link.csv"
    link.symlink_to("real.csv")

    write_survey_file(make_wave(small_catalogue, 3, 1, 1, Wave(2025, 1)), small_catalogue, link)

    assert link.is_symlink()
    assert len(read_survey_file(tmp_path / "real.csv", small_catalogue)) == 3
