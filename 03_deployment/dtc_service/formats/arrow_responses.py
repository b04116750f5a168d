"""Labels as Arrow IPC streams and as Parquet files."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from dtc_model.rule import INCOMPLETE

from dtc_service.errors import InvalidRequestError
from dtc_service.formats.label_columns import Labels


def write_arrow(labels: Labels) -> bytes:
    """Write one Arrow IPC stream; the model's version is in the schema's metadata."""
    table = _table(labels)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def write_parquet(labels: Labels) -> bytes:
    """Write one Parquet file; the model's version is in the schema's metadata."""
    sink = pa.BufferOutputStream()
    pq.write_table(_table(labels), sink)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _table(labels: Labels) -> pa.Table:
    columns = {name: _id_column(name, values) for name, values in labels.ids.items()}
    columns |= dict(zip(("label", labels.names.column), _segment_columns(labels, labels.positions), strict=True))
    for name, values in labels.facts():
        if name == "runner_up":
            runner_ups = labels.detail.runner_ups  # type: ignore[union-attr]  # there are facts, so there is detail
            pair = _segment_columns(labels, runner_ups)
            columns |= dict(zip(("runner_up", labels.names.runner_up_column), pair, strict=True))
        elif name != labels.names.runner_up_column:
            columns[name] = pa.array(values, from_pandas=True)  # NaN is null
    return pa.table(columns, metadata={"model_version": labels.version})


def _segment_columns(
    labels: Labels, positions: "np.ndarray[tuple[int], np.dtype[np.intp]]"
) -> tuple[pa.Array, pa.Array]:
    """Return ids, and names as a dictionary, so that a million names take four megabytes."""
    nobody = positions == INCOMPLETE
    indices = pa.array(positions.astype(np.int32), mask=nobody if nobody.any() else None)
    ids = pa.array(labels.names.ids[:-1].astype(np.int32))
    return ids.take(indices), pa.DictionaryArray.from_arrays(indices, pa.array(labels.names.segments[:-1], pa.string()))


def _id_column(name: str, values: object) -> pa.Array | pa.ChunkedArray:
    if not isinstance(values, list):
        return values
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError) as error:
        raise InvalidRequestError(
            f"id column {name!r} mixes types: send one type to get Arrow or Parquet", field=name
        ) from error
