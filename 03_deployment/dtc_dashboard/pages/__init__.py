"""The pages: each translates a request into a query and what came back into HTML, and does nothing else."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
