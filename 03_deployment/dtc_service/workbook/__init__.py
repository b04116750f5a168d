"""The rule as a spreadsheet: a workbook that types respondents by formulas alone."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
