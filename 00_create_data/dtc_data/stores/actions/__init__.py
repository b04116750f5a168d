"""What to do with a store: its potential, and actions from a rule file that people edit."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
