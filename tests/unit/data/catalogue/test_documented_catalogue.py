"""The page that explains the catalogue holds one that can be read."""

import re
from pathlib import Path

from dtc_data import load_catalogue
from dtc_data.catalogue.catalogue import Catalogue
from dtc_data.catalogue.catalogue_schema import Feature, Segment
from dtc_stack.settings import PROJECT_FOLDER

PAGE = (PROJECT_FOLDER / "docs" / "catalogue.md").read_text(encoding="utf-8")


def test_its_example_is_a_catalogue_with_a_feature_of_every_type(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    (tmp_path / "example.yaml").write_text(example[1], encoding="utf-8")
    catalogue = load_catalogue(tmp_path / "example.yaml")
    assert {feature.type for feature in catalogue.features} == {"number", "grade", "yes_no", "category"}


def test_it_explains_every_key() -> None:
    keys = {*Catalogue.model_fields, *Feature.model_fields, *Segment.model_fields} - {"unit_table", "type"}
    unexplained = {key for key in keys if f"`{key}" not in PAGE and f"{key}:" not in PAGE}
    assert unexplained == set()
