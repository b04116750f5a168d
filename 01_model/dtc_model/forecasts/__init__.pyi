from .forecast_report import forecast_report as forecast_report
