"""What the tests of the monitoring room share."""

import pytest
from dtc_data import Catalogue
from fakes.catalogues import under_a_name_of_its_own


@pytest.fixture
def own_catalogue(small_catalogue: Catalogue) -> Catalogue:
    """The small catalogue with a registered model of its own for each test."""
    return under_a_name_of_its_own(small_catalogue)
