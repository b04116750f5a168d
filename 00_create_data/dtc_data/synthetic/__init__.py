"""Synthetic data: units scattered around a catalogue's centroids, and transactions of planted customers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
