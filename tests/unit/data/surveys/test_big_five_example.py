"""The example on real answers: a survey out of an installed package, and its own catalogue."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, load_catalogue
from dtc_data.core import SurveyFileError
from dtc_data.surveys import FIRST_WAVE, big_five, read_big_five
from dtc_data.tables.unit_frame import checked_units
from dtc_stack.settings import PROJECT_FOLDER


@pytest.fixture(scope="module")
def own() -> Catalogue:
    return load_catalogue(PROJECT_FOLDER / "00_create_data" / "catalogues" / "big_five.yaml")


@pytest.fixture(scope="module")
def units() -> pd.DataFrame:
    return read_big_five()


def test_it_has_tables_and_a_model_of_its_own(own: Catalogue, catalogue: Catalogue) -> None:
    assert own.unit_table != catalogue.unit_table
    assert own.registered_model != catalogue.registered_model


def test_everybody_fits_the_catalogue_and_waves_are_equally_large(own: Catalogue, units: pd.DataFrame) -> None:
    assert len(checked_units(units, own)) == 2_800
    assert units["unit_id"].is_unique
    months = units["date"].dt.strftime("%Y-%m").value_counts().to_dict()
    assert months == {"2025-01": 700, "2025-02": 700, "2025-03": 700, "2025-04": 700}
    answers = units[list(own.feature_names)].to_numpy()
    assert set(answers[~np.isnan(answers)]) == {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}
    assert int(np.isnan(answers).any(axis=1).sum()) == 364
    assert int(np.isnan(answers).sum(axis=1).max()) == 15


def test_the_same_people_are_in_the_same_wave_each_time(units: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(read_big_five(), units)


def test_the_centroids_are_the_means_of_the_people_nearest_to_them_in_the_first_wave(
    own: Catalogue, units: pd.DataFrame
) -> None:
    first = units["date"].between(pd.Timestamp(FIRST_WAVE.start), pd.Timestamp(FIRST_WAVE.end), inclusive="left")
    answers = units.loc[first, list(own.feature_names)].to_numpy()
    answers = answers[(~np.isnan(answers)).sum(axis=1) >= own.minimum_answered]
    nearest = np.nansum((answers[:, None, :] - own.centroids) ** 2, axis=2).argmin(axis=1)
    means = np.array([np.nanmean(answers[nearest == segment], axis=0) for segment in range(len(own.segments))])
    np.testing.assert_allclose(means, own.centroids, atol=0.01)


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(big_five, "find_spec", lambda _: None)
    with pytest.raises(SurveyFileError, match="make setup"):
        read_big_five()
