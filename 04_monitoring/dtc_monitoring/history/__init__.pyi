from .history_tables import print_history as print_history
from .segment_history import persona_history as persona_history
from .segment_history import wave_history as wave_history
from .wave_summary import WaveSummary as WaveSummary
