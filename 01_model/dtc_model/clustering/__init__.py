"""The methods that cut units into segments, from numbers and from features of mixed types."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
