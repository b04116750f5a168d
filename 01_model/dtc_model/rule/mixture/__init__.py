"""The rule of the kind mixture: features of mixed types, their density in each segment, and its document."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
