from .session import spark_session as spark_session
from .spark_features import spark_store_features as spark_store_features
