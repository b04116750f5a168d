from .forecast_table import ForecastKey as ForecastKey
from .forecast_table import ForecastTable as ForecastTable
