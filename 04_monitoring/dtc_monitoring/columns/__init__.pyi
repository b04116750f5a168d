from .column_tests import ColumnTest as ColumnTest
from .column_tests import choose_test as choose_test
from .column_tests import compare_column as compare_column
from .column_tests import compare_columns as compare_columns
from .column_tests import two_shares_z as two_shares_z
from .drawn_features import DRAWN as DRAWN
from .drawn_features import drawn_part as drawn_part
from .evidently_report import run_evidently as run_evidently
