from .rule_in_force import Rule as Rule
from .rule_in_force import find_rule as find_rule
from .wave_labels import WaveLabels as WaveLabels
from .wave_labels import label_wave as label_wave
