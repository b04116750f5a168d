"""What a verdict rests on: which of the evidence is told with it, in which order, and the clearest of it as a phrase."""

from collections.abc import Sequence
from typing import Final

from dtc_monitoring.verdict.evidence import Evidence

DECIDES: Final = {"features": "drift", "fit": "drift", "mix": "mix_shift"}
"""Which verdict a kind of evidence can bring about; missing answers and recoded questions bring about none."""

WARNINGS: Final = ("recoding", "missing")
"""Kinds of evidence that warn of something and bring about no verdict."""

_TOLD: Final = {
    "drift": ("features", "fit", "mix", *WARNINGS),
    "mix_shift": ("mix", *WARNINGS),
    "stable": WARNINGS,
    "cannot_tell": WARNINGS,
}
"""Kinds of evidence that are told with a verdict."""


def grounds(status: str, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence that a verdict rests on, then what is told with it, the clearest first.

    A difference can be large and clear by itself, and still be what chance brings about among so many.
    """
    kinds = _TOLD.get(status, ())
    counted = (piece for piece in evidence if piece.flagged and piece.kind in kinds)
    return tuple(sorted(counted, key=lambda piece: (DECIDES.get(piece.kind) != status, *_least_by_chance(piece))))


def worth_telling(found: Sequence[Evidence]) -> list[Evidence]:
    """Leave out of some grounds what others say better.

    These are all features or shares together, a segment's fit (which is told with the segment), all but one percentile.
    """
    has_single_shares = any(piece.kind == "mix" and piece.scope == "segment" for piece in found)
    kept: list[Evidence] = []
    for piece in found:
        repeats = piece.scope == "tail" and any(other.scope == "tail" for other in kept)
        told_elsewhere = piece.kind == "fit" and piece.scope == "segment"
        together = piece.scope == "all" and (piece.kind == "features" or (piece.kind == "mix" and has_single_shares))
        if not (repeats or told_elsewhere or together):
            kept.append(piece)
    return kept


def reason(status: str, evidence: Sequence[Evidence]) -> str:
    """Return the clearest of the evidence that a verdict rests on, as a phrase without a full stop."""
    if status == "stable":
        return "nothing beyond what chance explains"
    found = grounds(status, evidence)
    telling = [piece for piece in (worth_telling(found) or found) if piece.kind not in WARNINGS]
    if not telling:
        return "no evidence was kept"
    piece = min(telling, key=lambda piece: piece.scope == "tail")  # a percentile takes long to read
    return (piece.words or f"{piece.name} ({piece.kind})").rstrip(".")


def _least_by_chance(piece: Evidence) -> tuple[float, float]:
    """Order evidence by p-value, what is equally improbable by its size."""
    return (1.0 if piece.p_value is None else piece.p_value, -abs(piece.effect or 0.0))
