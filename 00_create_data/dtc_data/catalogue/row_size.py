"""How long a row of the unit table can get: Postgres keeps a row on one page, however many columns are allowed."""

from collections.abc import Sequence
from typing import Final

from dtc_data.catalogue.feature_encoding import FeatureEncoding

LONGEST_ROW: Final = 8160
"""Bytes of a row, its header included: a page of 8,192 bytes less its own header and the row's address there."""
MOST_COLUMNS: Final = 1_600
"""Columns of a table, whatever they hold."""

_OWN_COLUMNS: Final = 6
"""The id, the date, the segment, the version, the time of the label and the weight."""
_HEADER: Final = 23
_NUMBER: Final = 8
_TEXT: Final = 24
"""A longer text is kept elsewhere, and takes 18 bytes here (PostgreSQL documentation, Database Physical Storage, TOAST)."""


def objection_to_row(features: Sequence[FeatureEncoding]) -> str | None:
    """Say why a row with these features would not fit into Postgres, or return None if it always does."""
    if len(features) + _OWN_COLUMNS <= MOST_COLUMNS and longest_row(features) <= LONGEST_ROW:
        return None
    fitting = len(features)
    while fitting + _OWN_COLUMNS > MOST_COLUMNS or longest_row(features[:fitting]) > LONGEST_ROW:
        fitting -= 1
    return f"there are {len(features):,}, but Postgres keeps no more than the first {fitting:,} of them in one row"


def longest_row(features: Sequence[FeatureEncoding]) -> int:
    """Return how many bytes a row takes at most, in the order of the table's columns.

    A row in which something is missing begins with a bit for each column, and that costs more than is saved. The least
    that can be missing is the segment, which saves a number's place unless a text before it ends between two places.
    """
    n_columns = len(features) + _OWN_COLUMNS
    saved = 0 if any(feature.in_words for feature in features) else _NUMBER
    end = _aligned(_HEADER + -(-n_columns // 8)) - saved
    end = _aligned(end + _TEXT) + _NUMBER  # the id and the date
    for feature in features:
        end = end + _text(feature.values) if feature.in_words else _aligned(end) + _NUMBER
    end = _aligned(end) + _NUMBER // 2 + _TEXT  # the segment and the version
    return _aligned(end) + 2 * _NUMBER  # the time of the label and the weight


def _text(values: Sequence[str]) -> int:
    return min(_TEXT, 1 + max(len(value.encode()) for value in values))


def _aligned(offset: int) -> int:
    return -(-offset // _NUMBER) * _NUMBER
