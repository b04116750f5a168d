from .embedded_postgres import ADMIN as ADMIN
from .lifecycle import LocalStack as LocalStack
from .ports import refuse_taken as refuse_taken
from .programs import PROGRAMS as PROGRAMS
from .programs import program as program
