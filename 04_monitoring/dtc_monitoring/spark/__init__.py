"""Verdicts on feature tables that Spark reads; the only shelf of this room that has to do with PySpark."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
