"""What a query came back with: a value, or the reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from dtc_data.core import DtcError

Value = TypeVar("Value")

_log = structlog.get_logger()


@dataclass(frozen=True)
class QueryResult(Generic[Value]):
    """A value, or a problem in words; never both."""

    value: Value | None
    problem: str = ""


def ask(read: Callable[[], Value]) -> QueryResult[Value]:
    """Return what a read gives; what it raises on purpose becomes the problem, and the page goes on without the part."""
    try:
        return QueryResult(read())
    except DtcError as error:
        _log.warning("a page goes without a part", reason=str(error))
        return QueryResult(None, str(error))
