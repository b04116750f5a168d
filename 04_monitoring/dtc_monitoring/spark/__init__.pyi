from .sampled_check import spark_verdict as spark_verdict
from .sampled_check import verdict_of as verdict_of
