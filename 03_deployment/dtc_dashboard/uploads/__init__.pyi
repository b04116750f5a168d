from .desk import Job as Job
from .desk import UploadDesk as UploadDesk
from .labelling_process import Report as Report
from .labelling_process import Rule as Rule
