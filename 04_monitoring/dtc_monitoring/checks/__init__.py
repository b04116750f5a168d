"""A drift check as a step of a run: made once, logged to MLflow, stored in Postgres."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
