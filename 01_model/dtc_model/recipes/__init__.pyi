from .customer_behaviour import lines_to_behaviour as lines_to_behaviour
from .customer_lines import lines_to_customers as lines_to_customers
from .customer_value import customers_to_segment as customers_to_segment
from .found_table import Recipe as Recipe
from .found_table import units_in_file as units_in_file
from .quarter_sheet import StoreSheet as StoreSheet
from .quarter_sheet import store_sheet as store_sheet
from .store_archetypes import stores_to_segment as stores_to_segment
