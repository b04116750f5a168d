"""Which cells of a file can be read, as a pandera schema."""

from datetime import datetime
from typing import Final

import numpy as np
from pandera.pandas import Check, Column, DataFrameSchema

from dtc_data.transactions.files.layout import Layout

_UTC: Final = "datetime64[us, UTC]"
_LAST_YEAR: Final = 9_999
"""Year of what stands for a cell that is not a time."""


def cells_schema(layout: Layout, latest: datetime) -> DataFrameSchema:
    """Say which cells of a file can be read.

    Parameters
    ----------
    layout : Layout
        Says which columns there are.
    latest : datetime
        First moment that lies after the file's day.
    """
    finite = Check(np.isfinite, name="finite", ignore_na=True)
    times = [
        Check(lambda times: times.dt.year < _LAST_YEAR, name="readable"),
        Check(lambda times: (times < latest) | (times.dt.year >= _LAST_YEAR), name="not after the file"),
    ]
    price = {name: Column(float, finite) for name in ("unit_price", "amount") if getattr(layout.columns, name)}
    arrived = {"arrived_at": Column(_UTC, times, nullable=True)} if layout.columns.arrived_at else {}
    return DataFrameSchema(
        {
            "order_id": Column(nullable=False),
            "product_id": Column(nullable=False),
            "quantity": Column(float, finite),
            **price,
            **({"discount": Column(float, finite, nullable=True)} if layout.columns.discount else {}),
            "ordered_at": Column(_UTC, times),
            **arrived,
        }
    )
