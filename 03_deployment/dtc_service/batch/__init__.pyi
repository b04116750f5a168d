from .label_names import label_columns as label_columns
from .label_names import label_values as label_values
from .labelled_file import FileLabeller as FileLabeller
from .labelled_file import FileLabels as FileLabels
from .wave_export import WaveExport as WaveExport
from .wave_export import export_waves as export_waves
from .wave_labels import WaveLabels as WaveLabels
from .wave_labels import label_wave as label_wave
