"""Reads an uploaded file by a catalogue: ``python -m dtc_dashboard.uploads.read_file CATALOGUE FILE ANSWERS MOST_ROWS``.

It runs as a process of its own, with bounds on memory and time, so that no file can take the pages down. It writes the answers
as the service takes them, and prints what it found as JSON.
"""

import json
import resource
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from dtc_data.catalogue import Catalogue, Feature, load_catalogue, parse_answers, texts_of
from dtc_data.core import DtcError

from dtc_dashboard.errors import UploadError
from dtc_dashboard.uploads.file_kinds import read_blocks

PROBLEMS_KEPT: Final = 200
"""Problems that are listed; all are counted."""
MOST_COLUMNS: Final = 5_000
MEMORY_BYTES: Final = 4 * 2**30
"""Address space of the process."""
PROCESSOR_SECONDS: Final = 600


@dataclass
class Reading:
    """What was found in a file."""

    rows: int = 0
    n_problems: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    """The first of them: ``row`` (from 1, below the header), ``column`` and ``what``."""


def read_file(catalogue: Catalogue, path: Path, answers: Path, most_rows: int) -> Reading:
    """Check every answer in a file, and write them all as Parquet for the service.

    Raises
    ------
    UploadError
        If the file cannot be read, lacks a feature, is empty or has too many rows.
    """
    import pyarrow as pa  # noqa: PLC0415 - large, and only needed here
    import pyarrow.parquet as pq  # noqa: PLC0415 - likewise

    reading, writer = Reading(), None
    for block in read_blocks(path):
        columns = _columns(catalogue, block.schema.names)
        if reading.rows + block.num_rows > most_rows:
            raise UploadError(f"the file has more than {most_rows:,} rows (DASHBOARD_MAX_ROWS): send it in parts")
        table = pa.table(
            {
                feature.name: _answers(block.column(place), feature, catalogue, reading)
                for feature, place in zip(catalogue.features, columns, strict=True)
            }
        )
        reading.rows += block.num_rows
        writer = writer or pq.ParquetWriter(answers, table.schema)
        writer.write_table(table)
    if writer is None or not reading.rows:
        raise UploadError("the file has no rows")
    writer.close()
    return reading


def _columns(catalogue: Catalogue, names: list[str]) -> list[int]:
    """Return where each feature stands, by its name in files or in the catalogue."""
    if len(names) > MOST_COLUMNS:
        raise UploadError(f"the file has {len(names):,} columns, more than {MOST_COLUMNS:,}")
    cleaned = [name.strip() for name in names]
    if repeated := sorted({name for name in cleaned if name and cleaned.count(name) > 1}):
        raise UploadError(f"the column {repeated[0]!r} is there more than once")
    places = [
        next((cleaned.index(name) for name in (feature.file_column, feature.name) if name in cleaned), None)
        for feature in catalogue.features
    ]
    found = zip(catalogue.features, places, strict=True)
    if missing := [feature.file_column for feature, place in found if place is None]:
        raise UploadError(f"columns are missing: {', '.join(missing)}. The file has {', '.join(cleaned[:30])}")
    return [place for place in places if place is not None]


def _answers(column: Any, feature: Feature, catalogue: Catalogue, reading: Reading) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - as above

    cells = [_cell(value) for value in column.to_pylist()]
    allowed = catalogue.missing_answers.minimum_answered is not None
    codes, objections = parse_answers(cells, feature, missing_allowed=allowed)
    reading.n_problems += len(objections)
    for row in sorted(objections)[: PROBLEMS_KEPT - len(reading.problems)]:
        entry = {"row": reading.rows + row + 1, "column": feature.file_column, "what": str(objections[row])}
        reading.problems.append(entry)
    kind = pa.string() if feature.in_words else pa.float64()
    return pa.array(texts_of(codes, feature), kind, from_pandas=True)


def _cell(value: object) -> str:
    """Return a cell as a text; a whole number without the point that Parquet gives it."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _main(catalogue: str, path: str, answers: str, most_rows: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    try:
        reading = read_file(load_catalogue(catalogue), Path(path), Path(answers), int(most_rows))
    except DtcError as error:
        json.dump({"refused": str(error)}, sys.stdout)
    except MemoryError:
        json.dump({"refused": "the file needs too much memory: send it in parts"}, sys.stdout)
    else:
        json.dump(asdict(reading), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(*sys.argv[1:]))
