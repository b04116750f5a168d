"""The catalogue: the contract about units, features and segments, and how cells of a table become answers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
