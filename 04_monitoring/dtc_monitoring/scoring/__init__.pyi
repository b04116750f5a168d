from .wave_comparison import LARGEST_REDRAWN as LARGEST_REDRAWN
from .wave_comparison import WaveComparison as WaveComparison
from .wave_comparison import compare_answers as compare_answers
