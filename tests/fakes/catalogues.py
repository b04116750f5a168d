"""The shipped catalogue's file, and catalogues that tests do not share."""

import uuid
from pathlib import Path

import yaml
from dtc_data import Catalogue
from dtc_data.core import CATALOGUE_FOLDER

SHIPPED_CATALOGUE = CATALOGUE_FOLDER / "dtc_personas.yaml"
BIG_FIVE_CATALOGUE = CATALOGUE_FOLDER / "big_five.yaml"


def under_a_name_of_its_own(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue with a registered model that no other test uses, since tests share one MLflow."""
    own = f"{catalogue.registered_model}_{uuid.uuid4().hex[:8]}"
    return catalogue.model_copy(update={"registered_model": own})


def in_a_file_of_its_own(catalogue: Catalogue, path: Path) -> Path:
    """Write the catalogue to a file, with a registered model and a table that no other segmentation has."""
    own = under_a_name_of_its_own(catalogue)
    document = own.model_dump(mode="json", by_alias=True, exclude_none=True) | {"unit_table": own.registered_model}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path
