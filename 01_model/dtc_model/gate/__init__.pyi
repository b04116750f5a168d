from .gate import Finding as Finding
from .gate import GateReport as GateReport
from .gate import judge as judge
from .side_by_side import compare_models as compare_models
