"""A survey file into the respondent table, in one transaction."""

from pathlib import Path

from sqlalchemy import Engine

from dtc_data.database import transaction
from dtc_data.respondents import IngestResult, RespondentTable
from dtc_data.survey_file import read_survey_file


def ingest_file(engine: Engine, table: RespondentTable, path: str | Path) -> IngestResult:
    """Check a survey file and take in all of it or nothing; the table is made if it is missing.

    Raises
    ------
    SurveyFileError
        If anything in the file is wrong.
    RespondentTableError
        If the table does not fit the catalogue, or holds one of the respondents with other answers.
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    respondents = read_survey_file(path, table.catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        return table.ingest(connection, respondents)
