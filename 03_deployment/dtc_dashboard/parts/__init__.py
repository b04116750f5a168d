"""What pages are put together from: charts, and the pictures and tables that people take away."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
