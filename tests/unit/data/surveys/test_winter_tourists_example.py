"""The shipped example: real answers that fit their own catalogue."""

import numpy as np
import pytest
from dtc_data import Catalogue, load_catalogue
from dtc_data.surveys import read_survey_file
from dtc_stack.settings import PROJECT_FOLDER

FOLDER = PROJECT_FOLDER / "examples" / "winter_tourists"


@pytest.fixture(scope="module")
def winter() -> Catalogue:
    return load_catalogue(FOLDER / "personas.yaml")


def test_it_has_tables_and_a_model_of_its_own(winter: Catalogue, catalogue: Catalogue) -> None:
    assert winter.unit_table != catalogue.unit_table
    assert winter.registered_model != catalogue.registered_model


def test_every_unit_of_the_file_is_taken_in(winter: Catalogue) -> None:
    units = read_survey_file(FOLDER / "survey.csv", winter)

    months = units["date"].dt.strftime("%Y-%m").value_counts().to_dict()
    assert months == {"2025-01": 987, "2025-02": 987, "2025-03": 987}
    assert set(np.unique(units[list(winter.feature_names)])) == {0.0, 1.0}


def test_the_centroids_are_the_means_of_the_people_nearest_to_them(winter: Catalogue) -> None:
    units = read_survey_file(FOLDER / "survey.csv", winter)
    answers = units.loc[units["date"] < "2025-03-01", list(winter.feature_names)].to_numpy()

    nearest = ((answers[:, None, :] - winter.centroids) ** 2).sum(axis=2).argmin(axis=1)
    means = np.array([answers[nearest == segment].mean(axis=0) for segment in range(len(winter.segments))])
    np.testing.assert_allclose(means, winter.centroids, atol=0.01)
