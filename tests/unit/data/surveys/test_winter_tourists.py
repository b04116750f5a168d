"""A survey of others with real answers, where it is present: it fits its own catalogue."""

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_data.surveys import read_survey_file
from fakes.shared_data import WINTER_TOURISTS as FOLDER
from fakes.shared_data import needs_winter_tourists, winter_tourists

pytestmark = needs_winter_tourists


@pytest.fixture(scope="module")
def winter() -> Catalogue:
    return winter_tourists()


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
