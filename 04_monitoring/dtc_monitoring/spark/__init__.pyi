from .spark_verdict import spark_verdict as spark_verdict
from .spark_verdict import verdict_of as verdict_of
