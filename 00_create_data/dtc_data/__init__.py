"""Units of four subjects: their catalogues, their sources, and the tables in which they are kept."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
