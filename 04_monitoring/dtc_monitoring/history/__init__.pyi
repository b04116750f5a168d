from .history_tables import print_history as print_history
from .wave_by_wave import segment_history as segment_history
from .wave_by_wave import wave_history as wave_history
from .wave_summary import WaveSummary as WaveSummary
