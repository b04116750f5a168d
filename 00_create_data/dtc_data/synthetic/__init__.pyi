from .scattered_wave import make_wave as make_wave
from .shipped_waves import create_sample_waves as create_sample_waves
