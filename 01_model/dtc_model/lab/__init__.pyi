from .bench import Bench as Bench
from .grid_log import grid_of as grid_of
from .lab_pictures import plot_grid as plot_grid
from .lab_pictures import plot_means as plot_means
from .lab_pictures import plot_shares as plot_shares
