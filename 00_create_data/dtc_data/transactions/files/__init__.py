"""Transaction files: what a retailer's columns mean, and their lines with every cell read."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
