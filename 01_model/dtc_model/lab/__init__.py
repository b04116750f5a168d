"""What the notebooks of the Lab begin with: the stack's data and registry, pictures, and the way to a candidate."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
