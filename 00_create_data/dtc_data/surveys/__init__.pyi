from .big_five import FIRST_WAVE as FIRST_WAVE
from .big_five import read_big_five as read_big_five
from .ingestion import ingest_file as ingest_file
from .survey_file import read_survey_file as read_survey_file
from .survey_file import survey_blocks as survey_blocks
from .survey_output import write_survey_file as write_survey_file
