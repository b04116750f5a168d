"""The drift verdict, its history and report, and the alerts.

The heavy parts are imported when they are used: a process that only reads settings or a verdict stays small.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.verdict import ColumnDrift, DriftVerdict

if TYPE_CHECKING:
    from dtc_monitoring.drift import assess_drift
    from dtc_monitoring.persona_history import wave_history
    from dtc_monitoring.settings import DriftSettings
    from dtc_monitoring.wave_summary import WaveSummary

__all__ = [
    "ColumnDrift",
    "DriftCheckError",
    "DriftSettings",
    "DriftVerdict",
    "WaveSummary",
    "assess_drift",
    "wave_history",
]

_HOMES = {
    "DriftSettings": "dtc_monitoring.settings",
    "assess_drift": "dtc_monitoring.drift",
    "WaveSummary": "dtc_monitoring.wave_summary",
    "wave_history": "dtc_monitoring.persona_history",
}
"""Modules that import pandas or pydantic, by what they give."""


def __getattr__(name: str) -> Any:
    """Import what is heavy when somebody first asks for it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
