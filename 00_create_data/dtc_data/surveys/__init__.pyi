from .ingestion import ingest_file as ingest_file
from .survey_file import read_survey_file as read_survey_file
from .survey_file import survey_blocks as survey_blocks
from .survey_output import write_survey_file as write_survey_file
