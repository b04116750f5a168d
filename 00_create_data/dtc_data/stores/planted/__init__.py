"""Planted retailers: stores made from archetypes and tiers that are known, their sales and stock, and the faults of real files."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
