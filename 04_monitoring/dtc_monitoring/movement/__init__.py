"""Who moved from which segment to which between two waves, and why: as tables, as a picture, and for one unit."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
