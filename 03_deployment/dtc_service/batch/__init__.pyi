from .label_wave import WaveLabels as WaveLabels
from .label_wave import label_wave as label_wave
