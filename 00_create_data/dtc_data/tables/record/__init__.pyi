from .label_history import Labelling as Labelling
from .label_history import history_name as history_name
from .label_history import history_table as history_table
from .withdrawals import Withdrawal as Withdrawal
from .withdrawals import withdraw_wave as withdraw_wave
from .withdrawals import withdrawals_of as withdrawals_of
from .withdrawals import withdrawn_since as withdrawn_since
