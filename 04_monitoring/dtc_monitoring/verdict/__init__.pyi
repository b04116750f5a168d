from .assess import Comparison as Comparison
from .assess import assess_drift as assess_drift
from .assess import compare_waves as compare_waves
from .assess import judge as judge
from .evidence import SHARE as SHARE
from .verdict import STATUS_WORDS as STATUS_WORDS
from .verdict import ColumnDrift as ColumnDrift
from .verdict import DriftVerdict as DriftVerdict
