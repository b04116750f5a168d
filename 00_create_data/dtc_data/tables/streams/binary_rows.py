"""Columns as rows of PostgreSQL's binary COPY format, a block at a time and without a loop over rows.

Per row the number of fields, per field its length and its bytes, all numbers with the most significant byte first
(PostgreSQL documentation, COPY, "Binary Format"). Doubles arrive as they are: nothing is written out in digits and read again.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import DateTime, Double, Integer, Text
from sqlalchemy.types import TypeEngine, UserDefinedType

HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
"""What a stream in this format begins with: signature, flags, and the length of an extension that there is not."""
TRAILER: Final = b"\xff\xff"
"""What it ends with."""
NUMBER_BITS: Final = 16
"""The place of a row as one number: its page, and behind it in so many bits its number in the page."""
_TID_BYTES: Final = 6

_NULL: Final = -1
_LENGTH_BYTES: Final = 4
_EPOCH_OFFSET_US: Final = 946_684_800_000_000
"""PostgreSQL counts microseconds from 2000, NumPy from 1970."""

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]


class Tid(UserDefinedType[Any]):
    """The place of a row in its table, PostgreSQL's type ``tid``."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type in SQL."""
        return "tid"


class _Field(NamedTuple):
    """One column, ready to be written."""

    lengths: npt.NDArray[np.int64]
    """Bytes per row, ``(n_rows,)``; `_NULL` where there is no value."""
    content: Bytes
    """The bytes of all values one after the other."""


def binary_rows(types: Sequence[TypeEngine[Any]], columns: Sequence[pd.Series]) -> bytes:
    """Return a whole stream with one field for each column.

    Parameters
    ----------
    types : sequence of TypeEngine
        Of the table's columns: Text, Double, Integer, DateTime with a zone, or `Tid` (see `NUMBER_BITS`).
    columns : sequence of Series
        As long as each other. Missing values become NULL.
    """
    fields = [_field(kind, column) for kind, column in zip(types, columns, strict=True)]
    sizes = 2 + sum(_LENGTH_BYTES + np.maximum(field.lengths, 0) for field in fields)
    ends = np.cumsum(sizes)
    rows: Bytes = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    at = ends - sizes
    _scatter(rows, at, np.full(len(at), len(fields), dtype=">i2"))
    at = at + 2
    for field in fields:
        _scatter(rows, at, field.lengths.astype(">i4"))
        at = at + _LENGTH_BYTES
        _scatter_values(rows, at, field)
        at = at + np.maximum(field.lengths, 0)
    return HEADER + rows.tobytes() + TRAILER


def _scatter(rows: Bytes, at: Positions, items: npt.NDArray[Any]) -> None:
    """Write items of one width to places that need not be aligned."""
    width = items.dtype.itemsize
    if not len(at):
        return
    places: npt.NDArray[Any] = np.ndarray(len(rows) - width + 1, dtype=f"V{width}", buffer=rows, strides=(1,))
    places[at] = np.ascontiguousarray(items).view(f"V{width}")


def _scatter_values(rows: Bytes, at: Positions, field: _Field) -> None:
    given = field.lengths >= 0
    lengths = field.lengths[given]
    if not lengths.size:
        return
    if (width := int(lengths[0])) and (lengths == width).all():
        _scatter(rows, at[given], field.content.view(f"V{width}"))
        return
    starts = np.cumsum(lengths) - lengths
    rows[np.repeat(at[given] - starts, lengths) + np.arange(len(field.content))] = field.content


def _field(kind: TypeEngine[Any], column: pd.Series) -> _Field:
    if isinstance(kind, Text):
        return _texts(column)
    if isinstance(kind, Tid):
        places = column.to_numpy().astype(">i8").view(np.uint8).reshape(-1, 8)[:, -_TID_BYTES:]
        return _Field(np.full(len(column), _TID_BYTES), np.ascontiguousarray(places).reshape(-1))
    if isinstance(kind, DateTime):
        moments = pd.DatetimeIndex(column).tz_convert(None).to_numpy().astype("datetime64[us]")
        return _numbers(moments.astype(np.int64) - _EPOCH_OFFSET_US, ~np.isnat(moments), ">i8")
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    given = ~np.isnan(numbers)
    if isinstance(kind, Double):
        return _numbers(numbers, given, ">f8")
    if isinstance(kind, Integer):
        return _numbers(np.where(given, numbers, 0.0), given, ">i4")
    raise TypeError(f"columns of the type {kind!r} are not written in binary")


def _numbers(values: npt.NDArray[Any], given: npt.NDArray[np.bool_], written_as: str) -> _Field:
    content = values[given].astype(written_as)
    return _Field(np.where(given, content.dtype.itemsize, _NULL), content.view(np.uint8))


def _texts(column: pd.Series) -> _Field:
    import pyarrow as pa  # noqa: PLC0415 - small commands use this shelf without it
    import pyarrow.compute as pc  # noqa: PLC0415 - likewise

    values = column.to_numpy(dtype=object)
    try:
        texts = pa.array(values, pa.large_string(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # ids that are numbers
        texts = pa.array(
            column.map(str, na_action="ignore").to_numpy(dtype=object), pa.large_string(), from_pandas=True
        )
    lengths = pc.fill_null(pc.binary_length(texts), _NULL).to_numpy(zero_copy_only=False).astype(np.int64)
    _, _, content = texts.buffers()
    size = int(np.maximum(lengths, 0).sum())
    return _Field(lengths, np.frombuffer(content or b"", dtype=np.uint8, count=size))
