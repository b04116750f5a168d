"""From what a vendor delivers to a catalogue, and how far the catalogue gives the vendor's own labels."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
