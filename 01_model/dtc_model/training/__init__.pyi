from .quality_log import log_quality_report as log_quality_report
from .train import train_models as train_models
