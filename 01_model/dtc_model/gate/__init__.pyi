from .gate import GateReport as GateReport
from .gate import judge as judge
from .gate import replaced as replaced
from .gate import taken_back as taken_back
from .side_by_side import compare as compare
