"""Recency, frequency and monetary value of the customers of a real shop, where its file is at hand.

UCI Machine Learning Repository, Online Retail, Daqing Chen (CC BY 4.0). Nothing of it is shipped.
"""

from pathlib import Path

import pandas as pd
import pytest

LINES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "online_retail" / "online_retail.parquet"


def customers(*, net: bool = False) -> pd.DataFrame:
    """Read the customers at the end of the file, under the plain cleaning; ``net`` of what they cancelled."""
    if not LINES.is_file():
        pytest.skip(f"the public file of Online Retail is not at {LINES}")
    lines = pd.read_parquet(LINES)
    known = lines[lines["CustomerID"].notna() & (lines["UnitPrice"] > 0)]
    cancelled = known["InvoiceNo"].astype(str).str.startswith("C")
    bought = known[~cancelled & (known["Quantity"] > 0)]
    end = bought["InvoiceDate"].max().normalize() + pd.Timedelta(days=1)
    counted = known if net else bought
    by_customer = bought.groupby("CustomerID")
    return pd.DataFrame(
        {
            "recency": (end - by_customer["InvoiceDate"].max()).dt.days,
            "frequency": by_customer["InvoiceNo"].nunique(),
            "monetary": (counted["Quantity"] * counted["UnitPrice"]).groupby(counted["CustomerID"]).sum(),
        }
    ).dropna()
