"""What the pages read: each query asks the packages, and says what could not be asked."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
