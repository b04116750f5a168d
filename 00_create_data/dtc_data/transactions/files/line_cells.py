"""How the raw cells of a transaction file become texts, numbers and moments, checked by a schema."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from dtc_data.core import FileProblems, TransactionsError
from dtc_data.files import DecimalCommas, TextColumn
from dtc_data.transactions.files.layout import ISO_8601, Layout
from dtc_data.transactions.files.line_file import LineFile

TEXTS: Final = ("customer_id", "order_id", "product_id", "description", "department", "country", "currency", "line_id")
NUMBERS: Final = ("quantity", "unit_price", "amount", "discount")
_IDS = ("customer_id", "order_id", "product_id", "line_id")

_ISO_DAY = r"^\d{4}-\d{2}-\d{2}"
_ZONED = r"^\d{4}-\d{2}-\d{2}[T ].*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
_UNREADABLE_TIME: Final = pd.Timestamp("9999-12-31", tz="UTC")
"""Stands for a cell that is not a time; no schema lets it through."""


def read_cells(block: pd.DataFrame, file: LineFile, problems: FileProblems) -> pd.DataFrame:
    """Read every cell of a block of lines.

    Parameters
    ----------
    block : DataFrame
        As `LineFile.blocks` yields them.
    file : LineFile
        The file from which it comes.
    problems : FileProblems
        Gets each cell that cannot be read, and each line after the file's date.

    Returns
    -------
    DataFrame
        Columns place, `TEXTS` (None where missing), `NUMBERS` (float64, NaN where the file has no such column), ordered_at
        and arrived_at (UTC) and is_cancelled. A cancelled line has a negative quantity and amount.

    Raises
    ------
    TransactionsError
        If a time carries no zone and the layout names none.
    """
    columns = file.layout.columns
    lines = pd.DataFrame({"place": block.index}, index=block.index)
    for name in TEXTS:
        source = getattr(columns, name)
        lines[name] = _texts(block[source], as_id=name in _IDS) if source else pd.Series(pd.NA, block.index, "string")
    for name in ("quantity", "unit_price", "amount"):
        source = getattr(columns, name)
        lines[name] = _numbers(block[source], file.decimals) if source else np.nan
    parts = [_numbers(block[source], file.decimals) for source in columns.discount]
    lines["discount"] = pd.concat(parts, axis="columns").sum(axis="columns", min_count=1) if parts else np.nan
    for name in ("ordered_at", "arrived_at"):
        source = getattr(columns, name)
        lines[name] = _times(block[source], file) if source else lines["ordered_at"]
    _find_problems(lines, block, file, problems)
    lines["arrived_at"] = lines["arrived_at"].fillna(lines["ordered_at"])
    return _signed(lines, block, file.layout)


def _texts(cells: pd.Series, *, as_id: bool) -> pd.Series:
    text = cells.astype("string[pyarrow]").str.strip()
    if as_id and not pd.api.types.is_integer_dtype(cells.dtype):  # 17850.0 is how a table writes 17850 beside gaps
        whole = text.str.match(r"^-?\d+\.0$").fillna(value=False).astype(bool)
        text = text.mask(whole, text.str.removesuffix(".0"))  # not by a group: that goes through Python, cell by cell
    return text.mask(text == "", pd.NA)


def _unpacked(cells: pd.Series) -> pd.Series:
    """Return cells of an Excel sheet that are all numbers or all times as such; any others, even by one cell, as they are."""
    if cells.dtype != object:
        return cells
    kind = pd.api.types.infer_dtype(cells, skipna=False)
    if kind in {"floating", "integer", "mixed-integer-float"}:
        return cells.astype("float64")
    return cells.astype("datetime64[us]") if kind == "datetime" else cells


def _numbers(cells: pd.Series, decimals: DecimalCommas) -> pd.Series:
    """Read numbers; NaN where there is none, infinite where there is something else."""
    cells = _unpacked(cells)
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        return cells.astype("Float64").astype("float64")
    text = _texts(cells, as_id=False)
    written = TextColumn(pa.chunked_array(pa.array(text.fillna(""))).combine_chunks())
    if (pointed := decimals.points(written, str(cells.name))) is not written:
        text = pd.Series(pointed, text.index, dtype="string[pyarrow]").mask(text.isna())
    numbers = pd.to_numeric(text.astype(object), errors="coerce").astype("float64")
    return numbers.mask(numbers.isna() & text.notna(), np.inf)


def _times(cells: pd.Series, file: LineFile) -> pd.Series:
    """Read moments in UTC; NaT where there is none, `_UNREADABLE_TIME` where there is something else."""
    cells = _unpacked(cells)
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return _in_utc(cells, file)
    text = _texts(cells, as_id=False)
    zoned = text.str.match(_ZONED).fillna(value=False).astype(bool)
    naive = _parsed(text[~zoned], file.layout.date_formats)
    with_zone = pd.to_datetime(text[zoned].astype(object), format=ISO_8601, utc=True, errors="coerce").dt.as_unit("us")
    times = pd.concat([_in_utc(naive, file), with_zone]).reindex(cells.index)
    known: pd.Series = times.mask(times.isna() & text.notna(), _UNREADABLE_TIME)
    return known


def _parsed(text: pd.Series, formats: Sequence[str]) -> pd.Series:
    times = pd.Series(pd.NaT, text.index, dtype="datetime64[us]")
    for written in formats:
        # Pandas takes 2011 or 20110630 for ISO 8601, too, which are more often numbers.
        fitting = text.where(text.str.match(_ISO_DAY)) if written == ISO_8601 else text
        read = pd.to_datetime(fitting.astype(object), format=written, errors="coerce")
        times = times.fillna(read.dt.as_unit("us"))
    return times


def _in_utc(times: pd.Series, file: LineFile) -> pd.Series:
    """Move naive times from the file's zone; of an hour that a clock shows twice the first is taken."""
    times = times.dt.as_unit("us")
    moments: pd.Series
    if times.dt.tz is not None or times.isna().all():
        moments = times.dt.tz_convert("UTC") if times.dt.tz is not None else times.dt.tz_localize("UTC")
        return moments
    zone = file.layout.times_in or file.layout.time_zone
    if zone is None:
        raise TransactionsError(
            f"{file.path}: its times carry no time zone ({file.place} {times.first_valid_index()!r}). "
            "Name the shop's as time_zone in the layout, like Europe/London"
        )
    first = np.ones(len(times), dtype=bool)
    moments = times.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC")
    return moments


def _signed(lines: pd.DataFrame, block: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Find the cancellations, and complete price and amount."""
    cancelled = pd.Series(data=False, index=lines.index)
    signs = layout.cancellations
    if signs.order_prefix:
        cancelled |= lines["order_id"].str.startswith(signs.order_prefix).fillna(value=False).astype(bool)
    if signs.column:
        cancelled |= _texts(block[signs.column], as_id=False).isin(signs.values).astype(bool)
    if signs.negative_quantity:
        cancelled |= lines["quantity"] < 0
    quantity = lines["quantity"].mask(cancelled, -lines["quantity"].abs())
    if layout.columns.amount is None:
        amount, price = quantity * lines["unit_price"], lines["unit_price"]
    else:
        amount = lines["amount"].mask(cancelled, -lines["amount"].abs())
        each = (amount / quantity.where(quantity != 0)).fillna(0.0)
        price = each if layout.columns.unit_price is None else lines["unit_price"]
    return lines.assign(quantity=quantity, unit_price=price, amount=amount, is_cancelled=cancelled)


def _find_problems(lines: pd.DataFrame, block: pd.DataFrame, file: LineFile, problems: FileProblems) -> None:
    from pandera.errors import SchemaErrors  # noqa: PLC0415 - takes a second, and only lines need it

    from dtc_data.transactions.files.cell_schema import cells_schema  # noqa: PLC0415 - likewise

    try:
        cells_schema(file.layout, file.date).validate(lines, lazy=True)
    except SchemaErrors as error:
        for case in error.failure_cases.itertuples():
            source = _source(str(case.column), file.layout)
            cell = block.loc[case.index, source[0]] if len(source) == 1 else ""
            problems.add(
                int(case.index), _objection(cell, str(case.column), str(case.check), file.date), ", ".join(source)
            )


def _source(column: str, layout: Layout) -> tuple[str, ...]:
    named = getattr(layout.columns, column)
    return (named,) if isinstance(named, str) else tuple(named)


def _objection(cell: Any, column: str, check: str, latest: datetime) -> str:
    if check == "not_nullable":
        return f"the {column.replace('_at', ' time').replace('_', ' ')} is missing"
    if column in NUMBERS:
        way_out = ": if a comma stands before decimals, write decimal: ',' into the layout" if "," in str(cell) else ""
        return f"{cell!r} is not a number{way_out}"
    if check.startswith("readable"):
        return f"{cell!r} is not a readable date: write it like 2011-06-30 14:05, or name its format as date_formats"
    return f"{cell!s} lies after the file's day, which ends at {latest:%Y-%m-%d %H:%M} UTC (file_date in the layout)"
