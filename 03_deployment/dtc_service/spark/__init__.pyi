from .label_job import SparkLabels as SparkLabels
from .label_job import label_with_spark as label_with_spark
from .label_job import unit_source as unit_source
from .spark_labels import labelled_units as labelled_units
