from .charts import bars_to_both_sides as bars_to_both_sides
from .charts import dots_with_intervals as dots_with_intervals
from .charts import lines_over_waves as lines_over_waves
from .ribbon_chart import ribbons as ribbons
from .vega_files import vega_file as vega_file
from .vega_files import write_vega as write_vega
