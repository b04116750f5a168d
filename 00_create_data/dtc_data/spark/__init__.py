"""Features of stores and feature tables by Spark, for more than one machine can hold; the only shelf of this room that imports PySpark."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
