"""A verdict in words, for people who are no statisticians."""

from dtc_monitoring.evidence import Evidence
from dtc_monitoring.verdict import DriftVerdict

_NAMED = 3
"""How many pieces of evidence are told; the report has all."""


def no_drift_headline(verdict: DriftVerdict) -> str:
    """Give the first line of a message that tells of no drift."""
    if verdict.status == "mix_shift":
        return "The mix of personas changed: respondents still fit them"
    return "No drift: respondents answer as before"


def reason(verdict: DriftVerdict) -> str:
    """Say what the status rests on, in one or more sentences."""
    if verdict.false_alarm_rate is None:  # from before the verdict looked within personas
        needed = fewest_for_drift(len(verdict.columns), verdict.threshold)
        return f"That is {'drift' if verdict.status == 'drift' else 'no drift'}: it takes {needed} or more."
    if verdict.status == "drift":
        told = " ".join(piece.words for piece in clearest(verdict))
        return f"That is drift: respondents no longer fit the personas as before. {told}"
    if verdict.status == "mix_shift":
        return f"That comes from the mix: within each persona respondents answer as before. {shares(verdict)}"
    if verdict.drifted_columns:
        return "That is no drift: it is within what chance or a small change of the mix brings about."
    return "Respondents of each persona answer as before, and no persona's share changed much."


def clearest(verdict: DriftVerdict) -> tuple[Evidence, ...]:
    """Give the flagged evidence about features and fit, the clearest first."""
    flagged = [piece for piece in verdict.evidence if piece.flagged and piece.kind in {"features", "fit"}]
    single = [piece for piece in flagged if not piece.name.startswith("all features")]
    return tuple(sorted(single or flagged, key=lambda piece: piece.p_value)[:_NAMED])


def shares(verdict: DriftVerdict) -> str:
    """Say whose share changed from what to what; the largest change first."""
    by_change = sorted(verdict.shares, key=lambda share: -abs(share.after - share.before))
    told = (
        f"{share.persona} {_moved(share.after - share.before)} from {share.before:.0%} to {share.after:.0%}"
        for share in by_change
    )
    return "; ".join(told) + "."


def warnings(verdict: DriftVerdict) -> tuple[str, ...]:
    """Give a sentence for each feature that respondents leave out more or less often than before."""
    return tuple(f"Warning: {piece.words}" for piece in verdict.evidence if piece.kind == "missing" and piece.flagged)


def fewest_for_drift(n_columns: int, threshold: float) -> int:
    """Give the smallest number of marked columns that reaches the threshold."""
    return next(n for n in range(n_columns + 1) if n / n_columns >= threshold)


def _moved(change: float) -> str:
    if round(change, 2) == 0:
        return "stayed"
    return "grew" if change > 0 else "fell"
