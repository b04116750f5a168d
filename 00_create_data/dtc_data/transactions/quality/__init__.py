"""The quality of transactions: what can be wrong with lines, what is done about it, and the report that says so."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
