"""Forecasts of what customers will do: time-safe training and tests, and models that the service can read."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
