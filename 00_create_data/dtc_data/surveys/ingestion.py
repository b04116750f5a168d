"""A survey file into the respondent table, in one transaction."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

from sqlalchemy import Connection, Engine

from dtc_data.files import SteadyFile
from dtc_data.surveys.reading_options import FileOptions
from dtc_data.surveys.survey_file import SurveyReading
from dtc_data.surveys.survey_problems import INGESTED
from dtc_data.tables import ExtraAnswers, IngestResult, UnitTable, record_file, transaction


def ingest_file(  # noqa: PLR0913 - what a caller may want
    engine: Engine,
    table: UnitTable,
    path: str | Path,
    options: FileOptions | None = None,
    *,
    allow_repeats: bool = False,
    tell: Callable[[str], object] = lambda _: None,
) -> IngestResult:
    """Check a survey file and ingest all of it or nothing; the table is made if it is missing.

    Columns that the catalogue does not have are kept beside it, see `dtc_data.tables.ExtraAnswers`.

    Parameters
    ----------
    engine : Engine
    table : UnitTable
    path : str or Path
    options : FileOptions, optional
        How the file is read, and what may pass.
    allow_repeats : bool
        Whether respondents may give the same answers again at another time of the same month.
    tell : callable
        Gets how the file was read and what was passed over, a sentence at a time.

    Raises
    ------
    SurveyFileError
        If anything in the file is wrong, or it is changed meanwhile.
    UnitTableError
        If the table does not fit the catalogue, or holds one of the respondents with other answers, or with the same
        answers at another time of the month.
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    steady = SteadyFile(Path(path))
    reading = SurveyReading(path, table.catalogue, options, keep_extra=True)
    blocks = reading.blocks()
    first = next(blocks)  # what is wrong in it is said before Postgres is asked
    extra = ExtraAnswers(table.name)
    with transaction(engine) as connection:
        table.create(connection)
        units = extra.beside(connection, chain([first], blocks))
        result = table.ingest(connection, units, allow_repeats=allow_repeats)
        extra.finish(connection, reading.extra_columns)
        remarks = list(reading.remarks())
        steady.check(INGESTED)
        if result.inserted:
            _record(connection, table, Path(path), result, remarks)
    for remark in remarks:
        tell(remark)
    return result


def _record(connection: Connection, table: UnitTable, path: Path, result: IngestResult, remarks: list[str]) -> None:
    """Note the file by its name; in which folder it lay is nobody else's business."""
    said = [remark.replace(str(path), path.name) for remark in remarks]
    record_file(connection, table.name, path.name, inserted=result.inserted, unchanged=result.unchanged, remarks=said)
