from .embedded_postgres import ADMIN as ADMIN
from .env_file import check_names as check_names
from .env_file import protect as protect
from .env_file import write_if_absent as write_if_absent
from .lifecycle import LocalStack as LocalStack
from .ports import refuse_taken as refuse_taken
from .programs import PROGRAMS as PROGRAMS
from .programs import program_beside as program_beside
