"""What every room stands on: errors, settings, waves, names, and the frame of a command."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
