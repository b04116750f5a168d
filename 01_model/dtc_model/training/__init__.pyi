from .discovery_command import discover_command as discover_command
from .discovery_log import log_discovery as log_discovery
from .file_log import log_files as log_files
from .quality_log import log_quality_report as log_quality_report
from .segment_search import FoundSegments as FoundSegments
from .segment_search import find_segments as find_segments
from .train import called as called
from .train import train_models as train_models
