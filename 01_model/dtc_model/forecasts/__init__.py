"""Forecasts for people and the registry: their report, their runs in MLflow, and which version forecasts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
