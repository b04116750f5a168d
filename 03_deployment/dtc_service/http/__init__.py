"""The HTTP application: requests to calls, results to responses, errors to statuses."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
