"""A survey file into the respondent table, in one transaction."""

from pathlib import Path

from sqlalchemy import Engine

from dtc_data.surveys.survey_file import read_survey_file
from dtc_data.tables import IngestResult, UnitTable, transaction


def ingest_file(engine: Engine, table: UnitTable, path: str | Path) -> IngestResult:
    """Check a survey file and take in all of it or nothing; the table is made if it is missing.

    Raises
    ------
    SurveyFileError
        If anything in the file is wrong.
    UnitTableError
        If the table does not fit the catalogue, or holds one of the respondents with other answers.
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    units = read_survey_file(path, table.catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        return table.ingest(connection, units)
