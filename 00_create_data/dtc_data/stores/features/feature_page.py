"""docs/store_features.md, written from the definitions."""

from collections.abc import Sequence
from typing import Final

from dtc_data.stores.features.common_features import TOTALS, StoreFeature
from dtc_data.stores.features.definitions import feature_definitions

_HEAD: Final = """\
# Features of a store in a quarter

This page is written from `dtc_data.stores.features.common_features`, which DuckDB and Spark execute, by
`.venv/bin/python 00_create_data/document_features.py docs/store_features.md`; a test holds it. One row is a store that was
open in the quarter, and its date is the quarter's last day. Nothing that happened later has a part in it: a feature that
needs more history than there is, or a figure that the retailer does not have, is missing and not 0.

Beside the features a row has `open_days`, `size_imputed` and `size_error`, the relative error to be expected of an imputed size.

"""


def features_page(categories: Sequence[str]) -> str:
    """Return the page with all features, those of the planted retailer's categories included."""
    features = feature_definitions(sorted(categories))
    rows = "\n".join(_row(feature) for feature in features)
    totals = "\n".join(
        f"| {', '.join(f'`{name}`' for name in names.split(', '))} | {said} |" for names, said in TOTALS.items()
    )
    return (
        f"{_HEAD}## Features\n\n| name | label | type | unit | formula | description |\n| --- | --- | --- | --- | --- | --- |\n{rows}\n\n"
        "The features `share_…` are those of the planted retailer; yours has one for each category of its products, at most as many as\n"
        "`categories` in `retail.yaml` names.\n\n"
        f"## What the formulas are written in\n\n| total | what it is |\n| --- | --- |\n{totals}\n"
    )


def _row(feature: StoreFeature) -> str:
    said = feature.label, feature.type, feature.unit, f"`{feature.formula}`", feature.description
    return f"| `{feature.name}` | {' | '.join(said)} |"
