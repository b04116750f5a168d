"""Transaction files of a small shop, line by line, and lines as a frame."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from dtc_data.core import TransactionsError
from dtc_data.transactions import Layout, QualityReport, read_lines

SHOP = Layout.model_validate(
    {
        "name": "small shop",
        "time_zone": "Europe/London",
        "currency": "GBP",
        "columns": {
            "order_id": "order",
            "product_id": "product",
            "description": "title",
            "quantity": "pieces",
            "unit_price": "price",
            "ordered_at": "time",
            "customer_id": "customer",
            "country": "country",
        },
        "cancellations": {"order_prefix": "C"},
        "not_goods": ["POST"],
    }
)
"""A layout with one column of each kind that lines cannot do without."""

_LINE = {
    "order": "1",
    "product": "mug",
    "title": "A mug",
    "pieces": "2",
    "price": "2.50",
    "time": "2011-06-01 10:00",
    "customer": "17850",
    "country": "France",
}


def line(**cells: Any) -> dict[str, Any]:
    """Make a line in which nothing is wrong but what is given."""
    return _LINE | cells


def changed(**entries: Any) -> Layout:
    """Make the layout of a shop that differs in some entries; columns are added to those it has."""
    columns = {**SHOP.columns.model_dump(exclude_unset=True), **entries.pop("columns", {})}
    return Layout.model_validate({**SHOP.model_dump(exclude_unset=True), **entries, "columns": columns})


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> Path:
    """Write lines as a file of the kind that its name says."""
    frame = pd.DataFrame(list(lines))
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


def read(
    folder: Path, *lines: Mapping[str, Any], layout: Layout = SHOP, **options: Any
) -> tuple[pd.DataFrame, QualityReport]:
    """Read lines by way of a file."""
    return read_lines(write_lines(folder / "lines.csv", lines), layout, **options)


def refusal(folder: Path, *lines: Mapping[str, Any], layout: Layout = SHOP) -> str:
    """Read lines that must be refused, and return the message."""
    with pytest.raises(TransactionsError) as caught:
        read(folder, *lines, layout=layout)
    assert "lines.csv" in str(caught.value)
    return str(caught.value)
