from .files import COMPLETE_JOURNEY as COMPLETE_JOURNEY
from .files import ONLINE_RETAIL as ONLINE_RETAIL
from .files import Layout as Layout
from .files import load_layout as load_layout
from .line_reading import completejourney_lines as completejourney_lines
from .line_reading import read_lines as read_lines
from .quality import QualityReport as QualityReport
