from .wave_labels import WaveLabels as WaveLabels
from .wave_labels import label_wave as label_wave
