from .client import BlockState as BlockState
from .client import MageClient as MageClient
from .client import RunState as RunState
from .project import lay_out as lay_out
from .run_steps import once_per_run as once_per_run
from .run_variables import RunVariables as RunVariables
from .run_variables import names_for_alerts as names_for_alerts
