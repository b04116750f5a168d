from .check_log import EVIDENTLY_FILE as EVIDENTLY_FILE
from .run_check import check_drift as check_drift
from .stored_checks import CheckedWave as CheckedWave
from .stored_checks import checked_waves as checked_waves
from .stored_checks import latest_checks as latest_checks
from .stored_checks import latest_statuses as latest_statuses
from .stored_checks import newest_checked_wave as newest_checked_wave
