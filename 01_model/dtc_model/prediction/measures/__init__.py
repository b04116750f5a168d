"""How good forecasts were once the truth is known, and from which probability on somebody is called."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
