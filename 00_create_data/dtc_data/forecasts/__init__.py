"""Forecasts in Postgres: what was forecast for whom by which version, and how it came out."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
