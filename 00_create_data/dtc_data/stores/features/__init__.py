"""The features of a store and quarter: their definitions, the SQL made from them, and DuckDB to run it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
