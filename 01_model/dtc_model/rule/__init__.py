"""The rule that labels: distances, segments, the model document, and what can be said about one label."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
