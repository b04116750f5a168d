"""The features of a store in a quarter: the one definition, from which the SQL and docs/store_features.md are made."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from dtc_data.core import RetailDataError
from dtc_data.stores.features.common_features import ASSORTMENT, PLACE, RHYTHM, SHARE, STOCK, TRADE, StoreFeature

MOST_CATEGORIES: Final = 40
"""Categories of products that may have a feature each."""
SHARE_OF: Final = "share_"
"""What the share of each category of products begins with."""
KEYS: Final = ("unit_id", "quarter", "date", "open_days")
"""Columns before the features: the store, the quarter, its last day, and the days on which the store was open."""
BESIDE: Final = ("size_imputed", "size_error")
"""Columns after the features: whether the size was imputed, and the relative error that is to be expected of it."""


def feature_definitions(categories: Sequence[str]) -> tuple[StoreFeature, ...]:
    """Return the features of a store in a quarter, in the order of their columns.

    Parameters
    ----------
    categories : sequence of str
        Categories of products in alphabetical order; each has its share of revenue as a feature.

    Raises
    ------
    RetailDataError
        If there are too many categories, or two of them have the same name as a column.
    """
    _refuse_unclear(categories)
    shares = (
        StoreFeature(
            f"{SHARE_OF}{column_part(category)}",
            f"Share of {category}",
            "number",
            SHARE,
            f"revenue_{column_part(category)} / NULLIF(revenue, 0)",
            f"Revenue from {category}.",
        )
        for category in categories
    )  # fmt: skip - as above
    return (*TRADE, *RHYTHM, *ASSORTMENT, *shares, *STOCK, *PLACE)


def described_features(names: Iterable[str]) -> dict[str, StoreFeature]:
    """Return the definitions of columns by their names, the shares of categories among them; other columns are left out."""
    found = list(names)
    categories = [name.removeprefix(SHARE_OF).replace("_", " ") for name in found if name.startswith(SHARE_OF)]
    defined = {feature.name: feature for feature in feature_definitions(categories)}
    return {name: defined[name] for name in found if name in defined}


def column_part(category: str) -> str:
    """Return a category as names of columns hold it."""
    return re.sub(r"[^a-z0-9]+", "_", category.lower()).strip("_")[:50]


def _refuse_unclear(categories: Sequence[str]) -> None:
    if len(categories) > MOST_CATEGORIES:
        raise RetailDataError(
            f"the products have {len(categories)} categories, but at most {MOST_CATEGORIES} can have a feature each: "
            "list those that should have one under 'categories' in retail.yaml; the others count as 'other'"
        )
    seen: dict[str, str] = {}
    for category in categories:
        part = column_part(category)
        if part in seen or not part:
            clash = f"the same as {seen[part]!r}" if part else "empty"
            raise RetailDataError(
                f"the category {category!r} in letters a to z and digits is {clash}, but names a column: call it otherwise"
            )
        seen[part] = category
