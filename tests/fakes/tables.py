"""Respondents in every form that the service reads, and its answers in every form that it writes."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from dtc_data import Catalogue
from dtc_service.formats import ARROW, CSV, PARQUET


def as_csv(columns: Mapping[str, Iterable[Any]]) -> bytes:
    """Write columns as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def as_arrow(columns: Any) -> bytes:
    """Write columns, or a table, as an Arrow stream of small batches."""
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    return bytes(sink.getvalue())


def as_parquet(columns: Any) -> bytes:
    """Write columns, or a table, as Parquet."""
    sink = pa.BufferOutputStream()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), sink)
    return bytes(sink.getvalue())


WRITE: dict[str, Callable[[Any], bytes]] = {CSV: as_csv, ARROW: as_arrow, PARQUET: as_parquet}


def read(body: bytes, media_type: str) -> dict[str, list[Any]]:
    """Return the columns of an answer, all values as text."""
    if media_type == CSV:
        header, *rows = csv.reader(io.StringIO(body.decode()))
        return {name: [row[place] for row in rows] for place, name in enumerate(header)}
    table = pa.ipc.open_stream(body).read_all() if media_type == ARROW else pq.read_table(pa.py_buffer(body))
    return {
        name: ["" if value is None else str(value) for value in table.column(name).to_pylist()]
        for name in table.column_names
    }


def columns_of(catalogue: Catalogue, n_rows: int = 20) -> dict[str, list[float]]:
    """Return respondents with an answer to every question, by column."""
    answers = np.random.default_rng(5).uniform(-9, 9, (n_rows, len(catalogue.features))).round(3)
    return dict(zip(catalogue.feature_names, answers.T.tolist(), strict=True))


def as_json(columns: dict[str, list[Any]]) -> bytes:
    """Write columns as JSON objects."""
    return json.dumps([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]).encode()
