from .metrics import CONTENT_TYPE as CONTENT_TYPE
from .metrics import Metrics as Metrics
from .model_holder import ModelHolder as ModelHolder
from .production import registry_reader as registry_reader
from .production import serve_segmentations as serve_segmentations
from .served_segmentations import Served as Served
from .served_segmentations import ServedSegmentations as ServedSegmentations
