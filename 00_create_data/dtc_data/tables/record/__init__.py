"""What stays on record: labels that were given before, and waves that were withdrawn."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
