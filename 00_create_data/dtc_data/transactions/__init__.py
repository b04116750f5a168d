"""Retail transactions: files in, their quality, and what customers are as of a cutoff."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
