from .aggregates import Difference as Difference
from .aggregates import Mean as Mean
from .aggregates import SegmentMeans as SegmentMeans
from .aggregates import WaveCounts as WaveCounts
from .aggregates import change_stamp as change_stamp
from .aggregates import segment_means as segment_means
from .aggregates import units_of_segment as units_of_segment
from .aggregates import wave_counts as wave_counts
from .customer_wave_table import CustomerWave as CustomerWave
from .customer_wave_table import CustomerWaveTable as CustomerWaveTable
from .database import make_engine as make_engine
from .database import transaction as transaction
from .label_history import Labelling as Labelling
from .run_steps import once as once
from .table_waves import waves_in as waves_in
from .transaction_table import FileOfLines as FileOfLines
from .transaction_table import FileTaken as FileTaken
from .transaction_table import copy_lines_to_file as copy_lines_to_file
from .transaction_table import create_transactions as create_transactions
from .transaction_table import file_taken_before as file_taken_before
from .transaction_table import first_line_at as first_line_at
from .transaction_table import ingest_lines as ingest_lines
from .unit_frame import from_table as from_table
from .unit_table import IngestResult as IngestResult
from .unit_table import UnitTable as UnitTable
from .wave_pair import CURRENT as CURRENT
from .wave_pair import REFERENCE as REFERENCE
<<<<<<< HEAD
from .wave_pair import sample as sample
from .wave_pair import stack_samples as stack_samples
from .withdrawals import Withdrawal as Withdrawal
from .withdrawals import withdraw_wave as withdraw_wave
from .withdrawals import withdrawals_of as withdrawals_of
from .withdrawals import withdrawn_since as withdrawn_since
=======
from .wave_pair import stack_waves as stack_waves
from .wave_pair import wave_called as wave_called
>>>>>>> main
