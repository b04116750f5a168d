"""The four tables of a retailer in the form that everything after the door works on.

========== ===================================================================================================
stores     store_id, region, state, city, placement (text), opened, closed (date), size_m2, storage_m2 (float),
           size_imputed (bool), size_error (float, relative)
products   product_id, category (text)
sales      line_id, store_id, date, product_id, basket_id, quantity, revenue, discount (float)
inventory  store_id, date, product_id, on_hand (float)
========== ===================================================================================================

Revenue is what was paid, after the discount; a returned line has a negative quantity and a revenue that is not positive.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pandas as pd
import pyarrow as pa

from dtc_data.core import RetailDataError

TEXT: Final = pa.string()
DAY: Final = pa.date32()
NUMBER: Final = pa.float64()

STORES: Final = pa.schema(
    {
        "store_id": TEXT,
        "region": TEXT,
        "state": TEXT,
        "city": TEXT,
        "placement": TEXT,
        "opened": DAY,
        "closed": DAY,
        "size_m2": NUMBER,
        "storage_m2": NUMBER,
        "size_imputed": pa.bool_(),
        "size_error": NUMBER,
    }
)
PRODUCTS: Final = pa.schema({"product_id": TEXT, "category": TEXT})
SALES: Final = pa.schema(
    {
        "line_id": TEXT,
        "store_id": TEXT,
        "date": DAY,
        "product_id": TEXT,
        "basket_id": TEXT,
        "quantity": NUMBER,
        "revenue": NUMBER,
        "discount": NUMBER,
    }
)
INVENTORY: Final = pa.schema({"store_id": TEXT, "date": DAY, "product_id": TEXT, "on_hand": NUMBER})

SCHEMAS: Final = {"stores": STORES, "products": PRODUCTS, "sales": SALES, "inventory": INVENTORY}

Source = pd.DataFrame | Path
"""A table in memory, or in a Parquet file or a folder of them."""


@dataclass(frozen=True)
class RetailTables:
    """The tables of one retailer, each in memory or in Parquet."""

    stores: Source
    products: Source
    sales: Source
    inventory: Source
    """No rows where a retailer does not know the stock."""

    @classmethod
    def in_folder(cls, folder: str | Path) -> Self:
        """Return the tables that a folder holds.

        Raises
        ------
        RetailDataError
            If one of the four is missing.
        """
        paths = {name: Path(folder) / f"{name}.parquet" for name in SCHEMAS}
        if missing := [path.name for path in paths.values() if not path.exists()]:
            raise RetailDataError(
                f"{folder}: no {', '.join(missing)}: ingest_retail.py writes the four tables of a retailer into a folder"
            )
        return cls(**paths)

    def named(self) -> dict[str, Source]:
        """Return the tables by name."""
        return {name: getattr(self, name) for name in SCHEMAS}

    def frame(self, name: str) -> pd.DataFrame:
        """Return a whole table in memory, days as pandas' times."""
        source = self.named()[name]
        frame = pd.read_parquet(source) if isinstance(source, Path) else source
        days = [day for day in ("date", "opened", "closed") if day in frame]
        return frame.assign(**{day: pd.to_datetime(frame[day]) for day in days})

    def write(self, folder: str | Path) -> Self:
        """Write the tables that are in memory into a folder, and return all of them as files."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        return type(self)(**{name: _written(source, name, Path(folder)) for name, source in self.named().items()})


def _written(source: Source, name: str, folder: Path) -> Path:
    if isinstance(source, Path):
        return source
    import pyarrow.parquet as pq  # noqa: PLC0415 - only whoever writes needs it

    path = folder / f"{name}.parquet"
    pq.write_table(as_arrow(source, name), path)
    return path


def as_arrow(frame: pd.DataFrame, name: str) -> pa.Table:
    """Return a frame as the table of this name, with the columns that it lacks empty.

    Raises
    ------
    RetailDataError
        If a column holds something that is not of its type.
    """
    schema = SCHEMAS[name]
    complete = frame.reindex(columns=schema.names)
    days = [field.name for field in schema if field.type == DAY]
    complete = complete.assign(
        **{day: pd.to_datetime(complete[day]) for day in days}
    )  # also columns of nothing but NaN
    if "size_imputed" in complete:
        complete = complete.assign(size_imputed=complete["size_imputed"].eq(other=True))
    try:
        return pa.Table.from_pandas(_ids_as_text(complete), schema=schema, preserve_index=False, safe=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise RetailDataError(f"the table {name} does not hold what it should: {error}") from error


def _ids_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn ids that are numbers into text, missing ones staying missing."""
    numbers = {
        name: frame[name] for name in map(str, frame) if name.endswith("_id") and frame[name].dtype.kind in "iuf"
    }
    return frame.assign(**{name: ids.astype("Int64").astype("string") for name, ids in numbers.items()})
