"""A retailer's files that a test writes and reads."""

from pathlib import Path

import pandas as pd
from dtc_data.stores import RetailReading, read_retail

STORES = "store_id,placement,opened,closed,size_m2,storage_m2\nA,mall,2020-01-01,,100,20\nB,mall,2024-05-01,2025-02-01,50,5\n"
PRODUCTS = "product_id,category\np,fresh\nq,toys\n"
SALES = "line_id,store_id,date,product_id,basket_id,quantity,revenue,discount\n"
GOOD = "1,A,2025-01-02,p,b1,2,5.00,0.50\n"
LAYOUT = """
name: corner shop
until: 2025-06-30
files:
  stores: {path: stores.csv}
  products: {path: products.csv}
  sales: {path: sales.csv}
refuse_above: 1
"""


class Shop:
    """Files in a folder that can be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("stores.csv", STORES)
        self.write("products.csv", PRODUCTS)
        self.write("sales.csv", SALES + GOOD)
        self.write("retail.yaml", LAYOUT)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self) -> RetailReading:
        return read_retail(self.folder / "retail.yaml", self.folder / "tables")

    def sales(self) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "tables" / "sales.parquet")


def failed(reading: RetailReading) -> dict[str, int]:
    """Return how many lines each check that found any has left out."""
    return {outcome.name: outcome.failed for outcome in reading.quality.failed}
