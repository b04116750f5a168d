"""A retailer's stores: their files in, planted retailers, and one definition of the features of a store and quarter."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
