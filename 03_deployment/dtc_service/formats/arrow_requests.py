"""Units out of Arrow IPC and Parquet requests; a null is a missing answer.

PyArrow takes 40 MB and half a second to import, so a process has it only once a client has sent or asked for one of these.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from dtc_data.catalogue import Feature

from dtc_service.errors import InvalidRequestError, TooLargeError
from dtc_service.formats.request_rows import FloatArray, Units, Wanted, refusal, refuse_wrong

_FILE_MAGIC: Final = b"ARROW1"


def read_arrow(body: bytes, wanted: Wanted, ids: Sequence[str]) -> Units:
    """Read an Arrow IPC stream or file; columns are taken by name, in any order.

    Raises
    ------
    InvalidRequestError
        If the body, a column or an answer is wrong; with row and field where there is one.
    TooLargeError
        If there are too many units.
    """
    try:
        batches: list[pa.RecordBatch] = []
        schema: pa.Schema | None = None
        if body.startswith(_FILE_MAGIC):
            body = body[8:]  # behind the magic bytes a file is a stream
        reader = pa.ipc.MessageReader.open_stream(pa.py_buffer(body))
        for message in reader:
            if schema is None:
                schema = pa.ipc.read_schema(message)
                wanted.check_columns(schema.names, ids)
                _check_types(schema, wanted, ids)
            elif message.type == "record batch":
                n_rows = sum(batch.num_rows for batch in batches) + _rows_of(message)
                wanted.check_rows(n_rows)
                batch = pa.ipc.read_record_batch(message, schema)
                batch.validate(full=True)
                batches.append(batch)
            else:
                raise InvalidRequestError("the Arrow stream holds dictionaries: send plain columns")
    except (pa.ArrowException, OSError, ValueError, struct.error) as error:
        raise InvalidRequestError(f"the body is not an Arrow IPC stream: {_first_line(error)}") from error
    if schema is None:
        raise InvalidRequestError("the body is empty: send an Arrow IPC stream")
    return _units(pa.Table.from_batches(batches, schema), wanted, ids)


def read_parquet(body: bytes, wanted: Wanted, ids: Sequence[str], max_bytes: int) -> Units:
    """Read a Parquet file; columns are taken by name, in any order.

    Raises
    ------
    InvalidRequestError
        If the body, a column or an answer is wrong; with row and field where there is one.
    TooLargeError
        If there are too many units, or the file says that it is larger than ``max_bytes`` unpacked.
    """
    try:
        file = pq.ParquetFile(pa.py_buffer(body))
        schema = file.schema_arrow
        wanted.check_columns(schema.names, ids)
        _check_types(schema, wanted, ids)
        wanted.check_rows(file.metadata.num_rows)
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > max_bytes:
            raise TooLargeError(f"a request may hold {max_bytes} bytes unpacked (SERVICE_MAX_BYTES): send it in parts")
        table = file.read(use_threads=False)
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InvalidRequestError(f"the body is not a Parquet file: {_first_line(error)}") from error
    wanted.check_rows(table.num_rows)
    return _units(table, wanted, ids)


def _check_types(schema: pa.Schema, wanted: Wanted, ids: Sequence[str]) -> None:
    for feature in wanted.catalogue.features:
        type_ = schema.field(feature.name).type
        if not any(check(type_) for check in _types_of(feature)):
            what = "texts" if feature.in_words else "numbers"
            raise InvalidRequestError(f"column {feature.name!r} is of type {type_}: send {what}", field=feature.name)
    for name in ids:
        type_ = schema.field(name).type
        plain = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_temporal, pa.types.is_null)
        if not (any(check(type_) for check in plain) or type_ in {pa.string(), pa.large_string()}):
            raise InvalidRequestError(f"id column {name!r} is of type {type_}: send text, numbers or dates", field=name)


def _types_of(feature: Feature) -> tuple[Callable[[pa.DataType], bool], ...]:
    if feature.in_words:
        return (pa.types.is_string, pa.types.is_large_string, pa.types.is_dictionary, pa.types.is_null)
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_null)
    return (*numbers, pa.types.is_boolean) if feature.type == "yes_no" else numbers


def _units(table: pa.Table, wanted: Wanted, ids: Sequence[str]) -> Units:
    features = wanted.catalogue.features
    answers = np.empty((table.num_rows, len(features)), order="F")  # columns are copied whole
    wrong: list[tuple[int, str, str]] = []
    for position, feature in enumerate(features):
        values = answers[:, position]
        found = _fill(values, table.column(feature.name), feature, missing_allowed=wanted.missing_allowed)
        if found := found or refuse_wrong(values, feature, missing_allowed=wanted.missing_allowed):
            wrong.append(found)
    if wrong:
        raise refusal(*min(wrong, key=lambda place: place[0]))
    return Units(answers, {name: table.column(name) for name in ids})


def _fill(
    values: FloatArray, column: pa.ChunkedArray, feature: Feature, *, missing_allowed: bool
) -> tuple[int, str, str] | None:
    """Copy a column, with NaN for nulls and codes that stand for them; return the place of what is not an answer at all.

    A NaN among the numbers is not a missing answer: nobody can tell what it was meant to be.
    """
    start, strange = 0, np.zeros(len(values), dtype=np.bool_)
    for chunk in column.chunks:
        rows = slice(start, start + len(chunk))
        values[rows] = _codes(chunk, feature) if feature.in_words else _doubles(chunk)
        strange[rows] = np.isnan(values[rows]) & np.asarray(chunk.is_valid())
        start += len(chunk)
    if missing_allowed and feature.takes_unseen:
        return None
    if feature.missing:
        strange &= ~_stand_for_nothing(column, feature)
        values[np.isin(values, [code for code in feature.missing if isinstance(code, float)])] = np.nan
    return (int(strange.argmax()), feature.name, f"expected {feature.words_for_valid}") if strange.any() else None


def _doubles(chunk: pa.Array) -> FloatArray:
    whole = pc.cast(chunk, pa.int8()) if pa.types.is_boolean(chunk.type) else chunk
    doubles: FloatArray = pc.cast(whole, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return doubles


def _codes(chunk: pa.Array, feature: Feature) -> FloatArray:
    texts = pc.cast(chunk, pa.string())
    places = pc.index_in(texts, value_set=pa.array(feature.codes, pa.string()))
    return _doubles(places) + feature.limits[0]


def _stand_for_nothing(column: pa.ChunkedArray, feature: Feature) -> "npt.NDArray[np.bool_]":
    texts = [code for code in feature.missing if isinstance(code, str)]
    if not texts or not feature.in_words:
        return np.zeros(len(column), dtype=np.bool_)
    found: npt.NDArray[np.bool_] = np.asarray(pc.is_in(pc.cast(column, pa.string()), value_set=pa.array(texts)))
    return found


def _rows_of(message: pa.ipc.Message) -> int:
    """Read from a record batch's header how many rows it has, before anything in it is unpacked.

    The header is a flatbuffer after Arrow's Message.fbs: a Message, in which field 1 is the kind and field 2 the
    RecordBatch, in which field 0 is the number of rows and field 3 the compression of the body.
    """
    header = message.metadata.to_pybytes()
    (root,) = struct.unpack_from("<I", header)
    batch = _field(header, root, 2)
    batch += struct.unpack_from("<I", header, batch)[0]
    if _field(header, batch, 3):
        raise InvalidRequestError("the Arrow buffers are compressed: send them plain, or the whole body with gzip")
    rows = _field(header, batch, 0)
    return int(struct.unpack_from("<q", header, rows)[0]) if rows else 0


def _field(header: bytes, table: int, number: int) -> int:
    """Return the position of a field of a flatbuffer table, or 0 if it is absent."""
    vtable = table - struct.unpack_from("<i", header, table)[0]
    size = struct.unpack_from("<H", header, vtable)[0]
    slot = 4 + 2 * number
    offset = struct.unpack_from("<H", header, vtable + slot)[0] if slot < size else 0
    return table + offset if offset else 0


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
