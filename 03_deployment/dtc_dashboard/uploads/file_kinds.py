"""The kinds of files that are taken, and how each is read and written back with nothing of it changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from dtc_dashboard.errors import UploadError

SUFFIXES: Final = (".csv", ".txt", ".parquet")
"""How files may end. A text file's columns stand between commas, semicolons or tabs."""
BLOCK_ROWS: Final = 50_000
"""Rows that are held and sent at a time."""
_MARKS: Final = (",", ";", "\t")
_HEADER_BYTES: Final = 2**20


def delimiter_of(path: Path) -> str:
    """Return what separates the columns of a text file: the mark that stands most often in its first line.

    Raises
    ------
    UploadError
        If the first line is not UTF-8, or has no end.
    """
    with path.open("rb") as file:
        line = file.readline(_HEADER_BYTES)
    try:
        header = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadError("the file is not written in UTF-8: save it as CSV in UTF-8") from error
    return max(_MARKS, key=header.count)


def read_blocks(path: Path) -> Iterator[Any]:
    """Return a file's rows as Arrow record batches, cells of a text file as the texts that they are.

    Raises
    ------
    UploadError
        If the file is not what its name says.
    """
    import pyarrow as pa  # noqa: PLC0415 - large, and only needed for a file
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    try:
        if path.suffix == ".parquet":
            yield from pq.ParquetFile(path).iter_batches(BLOCK_ROWS)
            return
        with _text_reader(path) as reader:
            yield from reader
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise UploadError(f"the file cannot be read: {str(error).splitlines()[0]}") from error


def _text_reader(path: Path) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - as above
    from pyarrow import csv  # noqa: PLC0415 - as above

    mark = delimiter_of(path)
    with path.open(encoding="utf-8-sig") as file:
        names = file.readline().rstrip("\r\n").split(mark)
    types = {name.strip('"'): pa.string() for name in names}
    return csv.open_csv(
        path,
        parse_options=csv.ParseOptions(delimiter=mark, newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=False, check_utf8=True),
    )


class Writer:
    """Writes Arrow tables as a file of the same kind as the one that came."""

    def __init__(self, path: Path, like: Path) -> None:
        self._path = path
        self._mark = None if like.suffix == ".parquet" else delimiter_of(like)
        self._parquet: Any = None

    def write(self, table: Any) -> None:
        """Append rows; the first decide on the columns."""
        if self._mark is not None:
            is_first = not self._path.exists()
            table.to_pandas().to_csv(self._path, sep=self._mark, index=False, header=is_first, mode="a")
            return
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

        self._parquet = self._parquet or pq.ParquetWriter(self._path, table.schema)
        self._parquet.write_table(table.cast(self._parquet.schema))

    def close(self) -> None:
        """Finish the file."""
        if self._parquet is not None:
            self._parquet.close()
