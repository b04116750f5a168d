from .session import spark_session as spark_session
from .spark_features import spark_store_features as spark_store_features
from .unit_source import JdbcSettings as JdbcSettings
from .unit_source import UnitSource as UnitSource
from .unit_source import sampled_wave as sampled_wave
