"""What becomes of a candidate, as it is written down: values of ``decision``, and findings that rooms above look for."""

from collections.abc import Callable
from typing import Final

PROMOTED: Final = "promoted"
GATE_FAILED: Final = "gate_failed"
WAITS: Final = "waits_for_approval"
REJECTED: Final = "rejected"
"""A person rejected the candidate before the gate had ended."""
UNCHANGED: Final = "in_production"
"""The model is the one that was in production anyway."""

TAKEN_BACK: Final = "taken_back"
"""Name of the gate's finding that a person took the model back."""
REPLACED: Final = "replaced"
"""Name of the gate's finding that the version was in production before, and a later one replaced it."""


def only_by_command(version: str, command: Callable[[str], str]) -> str:
    """Say why neither the pipeline nor a button puts a version into production that was there before.

    ``command`` writes a make command for the segmentation.
    """
    way_back = command(f"promote VERSION={version}")
    return f"version {version} was in production before and left it: only `{way_back}` brings it back"
