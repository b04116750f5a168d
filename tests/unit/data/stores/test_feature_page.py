"""docs/store_features.md follows the definitions."""

import re

from dtc_data.stores import CATEGORIES, feature_definitions, features_page
from dtc_stack.settings import PROJECT_FOLDER


def test_the_page_is_what_the_definitions_say() -> None:
    page = (PROJECT_FOLDER / "docs" / "store_features.md").read_text(encoding="utf-8")
    assert page == features_page(
        CATEGORIES
    ), "run .venv/bin/python 00_create_data/document_features.py docs/store_features.md"


def test_every_feature_is_named_described_and_of_one_kind() -> None:
    features = feature_definitions(sorted(CATEGORIES))
    names = [feature.name for feature in features]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    assert all(feature.description.endswith(".") for feature in features)
    assert all(bool(feature.unit) == (feature.type == "number") for feature in features)
