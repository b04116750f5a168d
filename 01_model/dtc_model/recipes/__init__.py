"""One file per subject: how its features and labels become what a discovery or a forecast is made from."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
