"""The gate before production: a candidate compared with production, and what speaks against it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
