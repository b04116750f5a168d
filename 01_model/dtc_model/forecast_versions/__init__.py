"""Versions of forecasts: registered in MLflow, and decided on as those of segments are."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
