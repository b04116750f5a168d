"""Forecasts from a document, in NumPy: all that a service, a file or a registry needs of this shelf."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
