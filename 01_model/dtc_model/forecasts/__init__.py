"""Forecasts from stored features to people: training by a configuration, documents in a folder, whom to call, and the report."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
