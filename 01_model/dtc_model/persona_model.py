"""The name under which versions registered before the packages had shelves import the rule.

Such a version carries the code of its day, and MLflow puts that code first on the path; but a process that has imported
this package already keeps it, and the version's own ``pyfunc_code.py`` then finds the rule here.
"""

from dtc_model.rule import SegmentModel as PersonaModel

__all__ = ["PersonaModel"]
