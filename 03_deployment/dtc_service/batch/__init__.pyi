from .label_names import label_columns as label_columns
from .label_names import label_values as label_values
from .labelled_file import FileLabeller as FileLabeller
from .labelled_file import FileLabels as FileLabels
from .wave_export import added_columns as added_columns
from .wave_export import exported_units as exported_units
from .wave_labels import WaveLabels as WaveLabels
from .wave_labels import label_wave as label_wave
