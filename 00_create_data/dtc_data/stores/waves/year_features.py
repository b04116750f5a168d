"""What tells archetypes of stores apart: what a store is, what it sells and how, over the year that ends with a quarter.

How much a store sells has no part in it: that is its tier. A mean over four quarters has no season in it, so that a summer is
not taken for another kind of store.
"""

from collections.abc import Sequence
from typing import Final

import pandas as pd

from dtc_data.core import RetailDataError
from dtc_data.stores.features import SHARE_OF
from dtc_data.stores.quarters import QUARTERS_PER_YEAR, Quarter

QUARTERS: Final = QUARTERS_PER_YEAR
"""Quarters whose mean tells how a store sells."""

_HOW: Final = (
    "basket_value",
    "items_per_basket",
    "price_per_item",
    "discount_share",
    "weekend_share",
    "products_stocked",
    "category_concentration",
    "stock_turn",
    "out_of_stock_days",
)
"""How a store sells: the mean over the quarters."""
_AS_OF: Final = ("size_m2", "storage_share", "season_peak", "placement", "region")
"""What a store is as of the quarter; the season is told by the best of four quarters already."""


def archetype_feature_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the features that tell archetypes apart, of those that a feature table has, in order."""
    shares = sorted(name for name in columns if name.startswith(SHARE_OF))
    return tuple(name for name in (*_AS_OF[:2], *_HOW, _AS_OF[2], *shares, *_AS_OF[3:]) if name in columns)


def archetype_features(features: pd.DataFrame, quarter: Quarter, quarters: int = QUARTERS) -> pd.DataFrame:
    """Return what tells the archetype of each store that was open in a quarter.

    A store that is younger than the quarters has the mean of those it has, and one without sales what it is alone.

    Parameters
    ----------
    features : DataFrame
        Of all quarters up to that one, as `dtc_data.stores.store_features` returns them.
    quarter : Quarter
    quarters : int
        How many, ending with that one, are averaged.

    Returns
    -------
    DataFrame
        One row per store, by unit_id; columns as `archetype_feature_names` names them.

    Raises
    ------
    RetailDataError
        If the features hold no store of the quarter.
    """
    index = features["quarter"].map(lambda name: Quarter.parse(name).index)
    here = features[index == quarter.index].set_index("unit_id")
    if here.empty:
        raise RetailDataError(f"the features hold no store of {quarter}")
    names = archetype_feature_names(list(features.columns))
    averaged = [name for name in names if name not in _AS_OF]
    year = features[(index > quarter.index - quarters) & (index <= quarter.index)]
    means = year.groupby("unit_id")[averaged].mean().reindex(here.index)
    return means.join(here[[name for name in names if name in _AS_OF]])[list(names)]


def complete_quarters(features: pd.DataFrame, quarters: int = QUARTERS) -> list[Quarter]:
    """Return the quarters before which there are enough others, in order."""
    found = sorted(Quarter.parse(name) for name in features["quarter"].unique())
    return [quarter for quarter in found if quarter.index - quarters + 1 >= found[0].index]
