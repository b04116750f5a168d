from .metrics import CONTENT_TYPE as CONTENT_TYPE
from .metrics import Metrics as Metrics
from .model_holder import ModelHolder as ModelHolder
from .production import hold_production_model as hold_production_model
from .production import registry_reader as registry_reader
