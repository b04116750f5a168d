"""What each subject gives the search for segments: its feature table, its words, and its rules for names."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
