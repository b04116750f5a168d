"""What people see of segments: their profile, proposed names and actions, the catalogue, and units that a planner moved."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
