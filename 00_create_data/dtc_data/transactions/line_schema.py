"""What a frame of lines is, as a pandera schema."""

from typing import Final

import numpy as np
import pandas as pd
from pandera.pandas import Check, Column, DataFrameSchema

_TEXT: Final = pd.StringDtype("pyarrow")
_UTC: Final = "datetime64[us, UTC]"
_FINITE: Final = Check(np.isfinite, name="finite")

LINES_SCHEMA: Final = DataFrameSchema(
    {
        "customer_id": Column(_TEXT),
        "order_id": Column(_TEXT),
        "product_id": Column(_TEXT),
        "description": Column(_TEXT, nullable=True),
        "department": Column(_TEXT, nullable=True),
        "quantity": Column(float, _FINITE),
        "unit_price": Column(float, _FINITE),
        "amount": Column(float, _FINITE),
        "discount": Column(float, nullable=True),
        "ordered_at": Column(_UTC),
        "arrived_at": Column(_UTC),
        "kind": Column(_TEXT, Check.isin(["purchase", "cancellation"])),
        "country": Column(_TEXT, nullable=True),
    },
    strict=True,
    ordered=True,
)
"""Lines that count, whichever file or table they come from."""
