"""Files of every kind as tables of cells: CSV, Excel, SPSS and Parquet, found out, read in blocks, and written back with columns added."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
