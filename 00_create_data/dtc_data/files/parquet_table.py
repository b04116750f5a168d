"""Parquet files: read batch by batch, and written again with columns behind those that there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dtc_data.catalogue import in_one_spelling, number_text
from dtc_data.core import DtcError, SurveyFileError
from dtc_data.files.table_file import ROWS_PER_BLOCK, Cells, NewColumn

if TYPE_CHECKING:
    import pandas as pd

_TYPES: Final = {"id": pa.int32(), "number": pa.float64(), "text": pa.string()}


@dataclass(frozen=True)
class ParquetBlock:
    """Some rows of a Parquet file."""

    places: Sequence[int]
    batch: Any
    misfits: Mapping[int, str]

    def cells(self, column: int) -> Cells:
        """Return the cells of a column, numbers or texts."""
        values = self.batch.column(column)
        kind = values.type
        if pa.types.is_boolean(kind):
            values, kind = values.cast(pa.int8()), pa.int8()
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            return np.array(numbers, dtype=np.float64)
        return self.texts(column)

    def texts(self, column: int) -> list[str]:
        """Return the cells of a column as texts."""
        values = self.batch.column(column)
        if pa.types.is_floating(values.type):
            return [number_text(value) for value in values.to_numpy(zero_copy_only=False).astype(np.float64).tolist()]
        if pa.types.is_temporal(values.type):
            return ["" if value is None else value.isoformat() for value in values.to_pylist()]
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
            return ["" if value is None else str(value) for value in values.to_pylist()]
        texts: list[str] = values.cast(pa.string()).fill_null("").to_pylist()
        return texts

    def values(self, column: int) -> "pd.Series":
        """Return the cells of a column in its type; whole numbers beside gaps stay whole, since doubles would lose digits of long ids."""
        import pandas as pd  # noqa: PLC0415 - for those alone who want series

        whole_numbers = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype()}
        series: pd.Series = self.batch.column(column).to_pandas(types_mapper=whole_numbers.get)
        return series


class ParquetTable:
    """A Parquet file.

    Raises
    ------
    DtcError
        Of the type given, if it cannot be read.
    """

    place = "row"
    decimal = "."

    def __init__(self, path: Path, error_type: type[DtcError] = SurveyFileError) -> None:
        self.path, self._error_type = path, error_type
        try:
            path.open("rb").close()  # Arrow does not say why in few words
            self.file = pq.ParquetFile(path)
        except pa.ArrowInvalid as error:
            raise error_type(f"{path}: not a Parquet file that could be read: {error}") from error
        except OSError as error:
            raise error_type(f"{path}: the file cannot be read: {error.strerror or error}") from error
        self.schema = self.file.schema_arrow
        self.names = [in_one_spelling(name) for name in self.schema.names]
        self.descriptions = [""] * len(self.names)
        self.value_labels: Sequence[Mapping[float, str]] = [{}] * len(self.names)
        self.form = f"Parquet, {self.file.metadata.num_rows:,} rows"

    def blocks(self, *, to_write: bool = False) -> Iterator[ParquetBlock]:  # noqa: ARG002 - they hold all of it
        """Read the rows; places count from 1.

        Raises
        ------
        DtcError
            If a part of the file is damaged.
        """
        first, batches = 1, self.file.iter_batches(batch_size=ROWS_PER_BLOCK)
        while (batch := self._next(batches)) is not None:
            yield ParquetBlock(range(first, first + batch.num_rows), batch, {})
            first += batch.num_rows

    def _next(self, batches: Iterator[Any]) -> Any:
        try:
            return next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise self._error_type(f"{self.path}: the file is damaged: {str(error).splitlines()[0]}") from error


class ParquetWriter:
    """Writes a Parquet file again with columns added.

    Parameters
    ----------
    table : ParquetTable
    target : Path
    columns : sequence of NewColumn
    """

    def __init__(self, table: ParquetTable, target: Path, columns: Sequence[NewColumn]) -> None:
        self._columns = columns
        schema = table.schema
        for column in columns:
            about = {"description": column.title} if column.title else None
            schema = schema.append(pa.field(column.name, _TYPES[column.kind], metadata=about))
        self._schema = schema
        groups = table.file.metadata
        compression = (
            groups.row_group(0).column(0).compression if groups.num_row_groups and groups.num_columns else "SNAPPY"
        )
        self._writer = pq.ParquetWriter(target, schema, compression=compression.lower().replace("uncompressed", "none"))

    def write(self, block: ParquetBlock, columns: Sequence[Sequence[Any]]) -> None:
        """Write a batch with the values of the new columns."""
        added = [
            pa.array(list(values), type=_TYPES[column.kind])
            for column, values in zip(self._columns, columns, strict=True)
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays([*block.batch.columns, *added], schema=self._schema))

    def close(self) -> None:
        """End the file."""
        self._writer.close()
