"""A planted retailer as files: what the retailer would deliver, how to read it, and the truth beside it."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from dtc_data.core import RetailDataError
from dtc_data.stores.planted.archetypes import ARCHETYPES, CATEGORIES
from dtc_data.stores.planted.faults import Faults
from dtc_data.stores.planted.network import PlantedStores, plant_stores
from dtc_data.stores.planted.plan import RetailPlan
from dtc_data.stores.planted.products import plant_assortment
from dtc_data.stores.planted.sales import PlantedTrade

FORMATS: Final = ("parquet", "csv")

_LAYOUT: Final = """\
# How to read the files of this planted retailer; docs/stores.md explains every key.
name: planted retailer
currency: EUR
until: {until}
files:
  stores:
    path: stores.{format}
  products:
    path: products.{format}
  sales:
    path: sales.{format}
  inventory:
    path: inventory.{format}
categories: [{categories}]
"""


class _TableFile:
    """One table that is written in chunks, as CSV or Parquet."""

    def __init__(self, folder: Path, name: str, file_format: str) -> None:
        self._path = folder / f"{name}.{file_format}"
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def append(self, frame: pd.DataFrame) -> None:
        """Write some rows; the first ones say which columns there are."""
        table = _as_arrow(frame)
        if self._writer is None:
            make = csv.CSVWriter if self._path.suffix == ".csv" else pq.ParquetWriter
            self._writer = make(self._path, table.schema)
        self._writer.write_table(table)


def _as_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as Arrow, its times as days and its categories as text."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for position, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.date32()))
        elif pa.types.is_dictionary(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.string()))
    return table.replace_schema_metadata(None)


def write_planted_retailer(
    plan: RetailPlan, folder: str | Path, formats: tuple[str, ...] = ("parquet",), report: Callable[[str], object] = str
) -> dict[str, int]:
    """Write the files of a planted retailer, a ``retail.yaml`` that reads them, and the truth.

    Parameters
    ----------
    plan : RetailPlan
        What the retailer is to be like.
    folder : str or Path
        Where the files go; made if it is missing.
    formats : tuple of str
        ``parquet``, ``csv`` or both; ``retail.yaml`` reads the first.
    report : callable
        Called with a line of text per tenth of the stores.

    Returns
    -------
    dict
        Rows of each table.

    Raises
    ------
    RetailDataError
        If the folder cannot be made.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RetailDataError(f"{folder}: the folder cannot be made: {error.strerror}") from error
    planted = plant_stores(plan)
    assortment = plant_assortment(plan, planted.habits)
    faults = Faults(plan, planted)
    random = np.random.default_rng([plan.seed, 4])
    rows = {"stores": len(planted.stores), "products": len(assortment.products), "sales": 0, "inventory": 0}
    with ExitStack() as stack:
        files = {
            name: [stack.enter_context(_TableFile(folder, name, file_format)) for file_format in formats]
            for name in rows
        }
        _append(files["stores"], planted.stores)
        _append(files["products"], assortment.products)
        for chunk in PlantedTrade(plan, planted, assortment).chunks():
            sales = faults.spoil(chunk.sales, random)
            _append(files["sales"], sales)
            _append(files["inventory"], chunk.inventory)
            rows["sales"] += len(sales)
            rows["inventory"] += len(chunk.inventory)
            report(f"{rows['sales']:,} sales lines")
    _write_beside(plan, folder, formats[0], planted, faults)
    return rows


def _append(files: list[_TableFile], frame: pd.DataFrame) -> None:
    for file in files:
        file.append(frame)


def _write_beside(plan: RetailPlan, folder: Path, file_format: str, planted: PlantedStores, faults: Faults) -> None:
    layout = _LAYOUT.format(until=plan.last_day, format=file_format, categories=", ".join(CATEGORIES))
    (folder / "retail.yaml").write_text(layout, encoding="utf-8")
    planted.truth.to_csv(folder / "truth.csv", index=False)
    truth = {
        "plan": asdict(plan),
        "archetypes": [asdict(archetype) for archetype in ARCHETYPES],
        "spoilt_lines": dict(faults.counts),
    }
    (folder / "truth.json").write_text(json.dumps(truth, indent=2, default=str) + "\n", encoding="utf-8")
