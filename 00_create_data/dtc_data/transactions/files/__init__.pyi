from .known_layouts import COMPLETE_JOURNEY as COMPLETE_JOURNEY
from .known_layouts import ONLINE_RETAIL as ONLINE_RETAIL
from .layout import Layout as Layout
from .layout import load_layout as load_layout
from .line_cells import read_cells as read_cells
from .line_file import LineFile as LineFile
from .line_file import open_line_file as open_line_file
