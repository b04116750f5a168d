from .desk import Job as Job
from .desk import UploadDesk as UploadDesk
from .file_kinds import SUFFIXES as SUFFIXES
from .read_file import PROBLEMS_KEPT as PROBLEMS_KEPT
