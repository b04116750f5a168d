"""Forecasts held to account: what was promised against what came, once the horizon has passed."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
