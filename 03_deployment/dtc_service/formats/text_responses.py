"""Labels as JSON and as CSV."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from dtc_service.formats.label_columns import Labels


def write_json(labels: Labels) -> bytes:
    """Write parallel arrays; what is unknown is null."""
    document: dict[str, Any] = {
        "labels": labels.labels,
        "personas": labels.segments,
        "model_version": labels.version,
    }
    if labels.detail is not None:
        document["detail"] = {name: values.tolist() for name, values in labels.facts()}  # msgspec writes NaN as null
    if labels.ids:
        document["ids"] = {name: as_list(values) for name, values in labels.ids.items()}
    return msgspec.json.encode(document)


def write_csv(labels: Labels) -> bytes:
    """Write a header and one line per respondent; what is unknown is empty."""
    columns: dict[str, Iterable[Any]] = {name: as_list(values) for name, values in labels.ids.items()}
    columns |= {"label": labels.labels, "persona": labels.segments}
    columns |= {name: _cells(values) for name, values in labels.facts()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def as_list(column: Any) -> list[Any]:
    """Return an id column as a list; a column of Arrow's has its dates written as text."""
    if isinstance(column, list):
        return column
    if str(column.type).startswith(("date", "time", "duration")):
        column = column.cast("string")
    return column.to_pylist()  # type: ignore[no-any-return]  # PyArrow is not asked for its types here


def _cells(values: npt.NDArray[Any]) -> list[Any]:
    if values.dtype.kind != "f":
        return values.tolist()  # type: ignore[no-any-return]  # NumPy cannot know that it has one dimension
    cells = values.astype(object)
    cells[np.isnan(values)] = None
    return cells.tolist()  # type: ignore[no-any-return]  # likewise
