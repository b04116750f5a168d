"""The kinds of body by name; who only sends requests needs no reader of them."""

from typing import Final

JSON: Final = "application/json"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"
ARROW: Final = "application/vnd.apache.arrow.stream"
MEDIA_TYPES: Final = (JSON, CSV, PARQUET, ARROW)
"""In the order in which an answer prefers them."""
