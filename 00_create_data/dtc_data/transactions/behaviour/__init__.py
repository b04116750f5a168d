"""What customers did before a cutoff: windowed features, each defined in one table."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
