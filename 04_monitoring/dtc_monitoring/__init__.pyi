from .errors import DriftCheckError as DriftCheckError
from .history import WaveSummary as WaveSummary
from .history import wave_history as wave_history
from .settings import DriftSettings as DriftSettings
from .verdict import ColumnDrift as ColumnDrift
from .verdict import DriftVerdict as DriftVerdict
from .verdict import assess_drift as assess_drift
