from .palette import COLOURS as COLOURS
from .palette import colour as colour
from .palette import ink as ink
from .palette import marker as marker
from .plot_labels import cut as cut
from .plot_labels import drawn as drawn
