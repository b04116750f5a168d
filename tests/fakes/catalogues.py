"""The shipped catalogue's file, and catalogues that tests do not share."""

import uuid

from dtc_data import Catalogue
from dtc_data.core import CATALOGUE_FOLDER

SHIPPED_CATALOGUE = CATALOGUE_FOLDER / "dtc_personas.yaml"


def under_a_name_of_its_own(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with a registered model that no other test uses, since tests share one MLflow."""
    own = f"{catalogue.registered_model}_{uuid.uuid4().hex[:8]}"
    return catalogue.model_copy(update={"registered_model": own})
