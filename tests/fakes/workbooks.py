"""What computes a workbook, as tests see it."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

Recalculate = Callable[[Path], Workbook]
"""Opens a workbook in a spreadsheet program, and returns what its cells show."""
