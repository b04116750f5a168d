"""The drift verdict, its history and report, and the alerts.

The heavy parts are imported when they are used: a process that only reads settings or a verdict stays small.
"""

from typing import TYPE_CHECKING, Any

from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.verdict import ColumnDrift, DriftVerdict

if TYPE_CHECKING:
    from dtc_monitoring.drift import assess_drift

__all__ = ["ColumnDrift", "DriftCheckError", "DriftVerdict", "assess_drift"]


def __getattr__(name: str) -> Any:
    """Import `assess_drift` when somebody first asks for it (PEP 562)."""
    if name != "assess_drift":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dtc_monitoring.drift import assess_drift  # noqa: PLC0415 - imports pandas

    return assess_drift
