from .answer_means import Difference as Difference
from .answer_means import Mean as Mean
from .answer_means import SegmentMeans as SegmentMeans
from .answer_means import segment_means as segment_means
from .unit_counts import WaveCounts as WaveCounts
from .unit_counts import change_stamp as change_stamp
from .unit_counts import units_of_segment as units_of_segment
from .unit_counts import wave_counts as wave_counts
