"""Lines of transactions out of a request: what customers bought, from which their features are made."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Annotated, Any, Final, Literal

import msgspec

from dtc_service.errors import InvalidRequestError, NotBuiltInError, UnsupportedMediaTypeError
from dtc_service.formats.media_names import ARROW, CSV, JSON, MEDIA_TYPES, PARQUET

_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""With a zone: without one nobody knows on which side of the cutoff a line lies."""
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One line of an order, or of what was given back."""

    customer_id: _Text | int
    order_id: _Text | int
    product_id: _Text | int
    quantity: float
    """Negative where goods were given back."""
    amount: float
    """Money for the whole line, in the currency of the segments; negative where it was given back."""
    ordered_at: _Moment
    arrived_at: _Moment | None = None
    """When it became known; when it was ordered by default."""
    kind: Literal["purchase", "cancellation"] | None = None
    """By the sign of the quantity by default."""
    department: str | None = None
    """Of the product; forecasts of who leaves count them."""
    discount: float | None = None
    """Money taken off the whole line; likewise."""


FIELDS: Final = tuple(Line.__struct_fields__)
"""Columns of tables of lines."""
_OPTIONAL: Final = frozenset({"arrived_at", "kind", "department", "discount"})


def read_lines(body: bytes, media_type: str) -> list[Line]:
    """Return the lines in a request.

    Raises
    ------
    UnsupportedMediaTypeError
        If nothing reads the media type.
    InvalidRequestError
        If the body or a line is wrong; the message names the row, counted from 0, and the field.
    """
    try:
        if media_type == JSON:
            return msgspec.json.decode(body.removeprefix(BOM_UTF8), type=list[Line])
        return msgspec.convert(_rows(body, media_type), list[Line], strict=media_type != CSV)
    except msgspec.DecodeError as error:  # of which a validation error is one
        raise InvalidRequestError(f"these are not lines of transactions: {error}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequestError("the body is not UTF-8") from error


def require_duckdb() -> None:
    """Refuse transactions where nothing reads them.

    Raises
    ------
    NotBuiltInError
        If the service was installed without DuckDB.
    """
    if find_spec("duckdb") is None:
        raise NotBuiltInError(
            "this service was built without DuckDB, which reads transactions: send the features of customers, or build its image "
            "with CONTAINER_SERVICE_EXTRA=service-transactions"
        )


def columns_of(lines: Sequence[Line]) -> dict[str, list[Any]]:
    """Return lines as columns, as `dtc_data.transactions.customer_features` takes them."""
    return {
        **{name: [str(getattr(line, name)) for line in lines] for name in ("customer_id", "order_id", "product_id")},
        **{name: [float(getattr(line, name)) for line in lines] for name in ("quantity", "amount")},
        "kind": [line.kind or ("cancellation" if line.quantity < 0 else "purchase") for line in lines],
        **{name: [getattr(line, name) for line in lines] for name in ("department", "discount")},
        "ordered_at": [line.ordered_at.astimezone(UTC) for line in lines],
        "arrived_at": [(line.arrived_at or line.ordered_at).astimezone(UTC) for line in lines],
    }


def _rows(body: bytes, media_type: str) -> list[Mapping[str, Any]]:
    if media_type == CSV:
        return _of_csv(body)
    if media_type in {PARQUET, ARROW}:
        return _of_arrow(body, media_type)
    raise UnsupportedMediaTypeError(
        f"a body of type {media_type[:80]!r} is not read here: send {', '.join(MEDIA_TYPES)}"
    )


def _of_csv(body: bytes) -> list[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise InvalidRequestError(f"the body is not CSV: {error}") from error
    _check_columns(reader.fieldnames or ())
    ragged = next((row for row, cells in enumerate(rows) if None in cells or None in cells.values()), None)
    if ragged is not None:
        raise InvalidRequestError(
            f"row {ragged} (counted from 0) has another number of cells than the header", row=ragged
        )
    return [{name: cell for name, cell in row.items() if cell or name not in _OPTIONAL} for row in rows]


def _of_arrow(body: bytes, media_type: str) -> list[Mapping[str, Any]]:
    import pyarrow as pa  # noqa: PLC0415 - large, and most processes only ever see JSON
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    try:
        buffer = pa.py_buffer(body)
        table = (
            pq.read_table(pa.BufferReader(buffer)) if media_type == PARQUET else pa.ipc.open_stream(buffer).read_all()
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InvalidRequestError(f"the body is not a table: {str(error).splitlines()[0]}") from error
    _check_columns(table.column_names)
    rows: list[Mapping[str, Any]] = table.to_pylist()
    return rows


def _check_columns(names: Sequence[str]) -> None:
    missing = [name for name in FIELDS if name not in names and name not in _OPTIONAL]
    unknown = [name for name in names if name not in FIELDS]
    if missing or unknown:
        problem = f"column {missing[0]!r} is missing" if missing else f"column {unknown[0][:80]!r} is unknown"
        raise InvalidRequestError(f"{problem}: lines of transactions have {', '.join(FIELDS)}")
