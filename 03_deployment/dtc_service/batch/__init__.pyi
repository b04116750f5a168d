from .exported_units import added_columns as added_columns
from .exported_units import exported_units as exported_units
from .labelled_file import FileLabeller as FileLabeller
from .labelled_file import FileLabels as FileLabels
from .wave_labels import WaveLabels as WaveLabels
from .wave_labels import label_wave as label_wave
