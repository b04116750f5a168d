from .history_tables import print_history as print_history
from .segmentation_overview import SegmentationOverview as SegmentationOverview
from .segmentation_overview import overview_table as overview_table
from .segmentation_overview import segmentation_overview_of as segmentation_overview_of
from .wave_by_wave import SegmentHistory as SegmentHistory
from .wave_by_wave import segment_history as segment_history
from .wave_by_wave import wave_history as wave_history
from .wave_summary import WaveSummary as WaveSummary
