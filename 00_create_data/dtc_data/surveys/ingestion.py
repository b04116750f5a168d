"""A survey file into the respondent table, in one transaction."""

from itertools import chain
from pathlib import Path

from sqlalchemy import Engine

from dtc_data.surveys.survey_file import survey_blocks
from dtc_data.tables import IngestResult, UnitTable, transaction


def ingest_file(engine: Engine, table: UnitTable, path: str | Path, *, allow_repeats: bool = False) -> IngestResult:
    """Check a survey file and ingest all of it or nothing; the table is made if it is missing.

    With ``allow_repeats`` respondents may give the same answers again at another time of the same month.

    Raises
    ------
    SurveyFileError
        If anything in the file is wrong.
    UnitTableError
        If the table does not fit the catalogue, or holds one of the respondents with other answers, or with the same
        answers at another time of the month.
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    blocks = survey_blocks(path, table.catalogue)
    first = next(blocks)  # what is wrong in it is said before Postgres is asked
    with transaction(engine) as connection:
        table.create(connection)
        return table.ingest(connection, chain([first], blocks), allow_repeats=allow_repeats)
