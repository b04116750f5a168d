"""Moments after which nothing is known, and how far back from them lines count."""

import operator
from datetime import UTC, date, datetime
from typing import Final, TypeAlias

from dtc_data.core import SettingsError, Wave

CUSTOMER_VALUE: Final = "customer_value"
"""The segmentation of customers by recency, frequency and monetary value."""
LOOKBACK_DAYS: Final = 180
"""Days before a cutoff that features look at, by default."""
LONGEST_LOOKBACK_DAYS: Final = 1_096
"""Three years: what is longer is all history in all but name."""

Cutoff: TypeAlias = Wave | datetime | date | str
"""A moment after which nothing is known; of a wave its end, and without a zone in UTC."""


def checked_lookback(days: int) -> int:
    """Return a lookback in days if it is one.

    Raises
    ------
    SettingsError
        If it is missing, no whole number, or too long; the message says why.
    """
    try:
        whole = operator.index(days)
    except TypeError:
        whole = 0
    if not 1 <= whole <= LONGEST_LOOKBACK_DAYS:
        raise SettingsError(
            f"lookback_days is {days!r}, but must be a whole number from 1 to {LONGEST_LOOKBACK_DAYS}. Features of all history "
            "are refused: in a history that grows, orders and amounts rise and shares of returns settle from month to month "
            "without anybody buying differently, so that frozen segments drift by themselves"
        )
    return whole


def moment_of(cutoff: Cutoff) -> datetime:
    """Return the moment of a cutoff in UTC.

    Raises
    ------
    SettingsError
        If it is not a moment.
    """
    if isinstance(cutoff, Wave):
        return cutoff.end
    try:
        moment = cutoff if isinstance(cutoff, datetime) else datetime.fromisoformat(str(cutoff))
    except ValueError as error:
        raise SettingsError(
            f"{cutoff!r} is not a moment: write it like 2011-06-30 or 2011-06-30T12:00:00+01:00"
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
