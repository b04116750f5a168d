"""Which of the solutions is proposed, and why, in words; a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from dtc_model.clustering import Method
from dtc_model.discovery.measured_solution import SMALLEST_SHARE, STABLE, MeasuredSolution
from dtc_model.discovery.segment_changes import GAP, between

AS_STABLE: Final = 0.02
"""Difference in the weakest segment's Jaccard similarity that resamples cannot tell."""
NEARLY_WHOLE: Final = 0.95
"""Jaccard similarity from which a segment is taken for a group that lies apart."""
AS_PROBABLE: Final = 3.0
"""Difference in log evidence that is not strong: twenty to one (Kass and Raftery, JASA 90 (1995) 773-795)."""

DecidedBy = Literal["evidence", "stability"]
"""evidence: how probable the units make a mixture, which takes features for independent within a segment; stability: what comes
back in resamples, where features go together, as figures of one store do."""

_FEWEST_TO_COMPARE: Final = 2
"""One segment always comes back."""

PROBABILISTIC: Final[frozenset[Method]] = frozenset({"mixture", "stepmix"})
"""Methods with an evidence for each number of segments."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """A solution, or none where the units show no segments, with the reasons."""

    chosen: MeasuredSolution | None
    reasons: tuple[str, ...]
    """For it."""
    caveats: tuple[str, ...] = ()
    """Against it: what a person should look at before adopting it."""


def propose(measured: Sequence[MeasuredSolution], fewest: int = 1, decided_by: DecidedBy = "evidence") -> Proposal:
    """Propose one of the solutions that methods of one family found.

    Mixtures are chosen by how probable the units make them, and among those that are about as probable by their weakest
    segment; all others, and mixtures where ``decided_by`` is stability, by their weakest segment alone, with at least
    ``fewest`` segments. Silhouette and DBCV are shown and do not decide: both are largest where few odd units lie far from all
    others.
    """
    if not measured:
        return Proposal(None, ("No method found more than one group of units: they are best left together.",))
    if decided_by == "evidence" and all(one.solution.method in PROBABILISTIC for one in measured):
        return _most_probable(measured)
    return _most_stable(measured, fewest)


def proposal_of(chosen: MeasuredSolution, reason: str) -> Proposal:
    """Return a solution that a person chose, or that was the only one, as a proposal with its caveats."""
    return Proposal(chosen, (reason,), _caveats(chosen))


def hold_against_shuffled(proposal: Proposal, *, shows_more: bool) -> Proposal:
    """Return a proposal of KMeans on numbers after it was compared with shuffled ones (see `shows_more_than_shuffled`).

    Where segments explain no more than shuffled numbers, only groups that lie apart are still proposed: they may differ in
    one number alone.
    """
    if shows_more or proposal.chosen is None:
        return proposal
    found = f"{_name(proposal.chosen)} explains these units no better than the same numbers shuffled, each by itself"
    if proposal.chosen.weakest >= NEARLY_WHOLE:
        return Proposal(
            proposal.chosen, proposal.reasons, (*proposal.caveats, f"{found}: look at one number at a time")
        )
    return Proposal(
        None, (f"{found}: the numbers have nothing to do with one another, and there are no kinds of units.",)
    )


def _most_probable(measured: Sequence[MeasuredSolution]) -> Proposal:
    best = max(measured, key=lambda one: one.solution.log_evidence)
    if best.solution.k == 1:
        return Proposal(
            None,
            (
                "One segment is more probable than any number of them: the units show no groups, or too few units were given.",
            ),
        )
    near = [one for one in measured if best.solution.log_evidence - one.solution.log_evidence <= AS_PROBABLE]
    near = [one for one in near if one.solution.k > 1]
    chosen = max(near, key=lambda one: (one.is_sound, round(one.weakest, 2), one.solution.log_evidence))
    reason = _why_most_probable(chosen, best)
    return Proposal(chosen, (reason, _figures(chosen)), _caveats(chosen))


def _why_most_probable(chosen: MeasuredSolution, best: MeasuredSolution) -> str:
    k, evidence = chosen.solution.k, chosen.solution.log_evidence
    if chosen is best:
        return f"{k} segments are the most probable number (log evidence {evidence:,.1f})."
    return (
        f"{k} segments are about as probable as {best.solution.k} (log evidence {evidence:,.1f} and "
        f"{best.solution.log_evidence:,.1f}), and their weakest segment comes back better in resamples (Jaccard "
        f"{chosen.weakest:.2f} and {best.weakest:.2f})."
    )


def _most_stable(measured: Sequence[MeasuredSolution], fewest: int) -> Proposal:
    enough = [one for one in measured if one.solution.k >= max(fewest, _FEWEST_TO_COMPARE)]
    sound = [one for one in enough if one.is_sound]
    if not sound:
        return Proposal(None, (_why_none(max(enough or measured, key=lambda one: one.weakest)),))
    peaks = [one for one in sound if _is_peak(one, measured)] or sound
    highest = max(one.weakest for one in peaks)
    chosen = max((one for one in peaks if highest - one.weakest <= AS_STABLE), key=_worth)
    reason = (
        f"{_name(chosen)} is proposed by its weakest segment, which comes back with a Jaccard similarity of "
        f"{chosen.weakest:.2f} in resamples: no less than with one segment fewer or more."
    )
    loudest = max(measured, key=lambda one: np.nan_to_num(one.silhouette, nan=-1.0))
    reasons = [reason, _figures(chosen)]
    if loudest is not chosen:
        reasons.append(_about_silhouette(loudest))
    return Proposal(chosen, tuple(reasons), _caveats(chosen))


def _why_none(closest: MeasuredSolution) -> str:
    return (
        f"No number of segments holds: in each a segment comes back with a Jaccard similarity below {STABLE:g} in resamples "
        f"or has less than {SMALLEST_SHARE:.0%} of the units. Closest is {_name(closest)} with {closest.weakest:.2f} and "
        f"{closest.shares.min():.1%}."
    )


def _worth(one: MeasuredSolution) -> tuple[bool, float, float]:
    """Rank solutions that are equally stable.

    Segments that all come back nearly whole are groups in themselves, and more of them say more. Others cut through units
    that shade into one another, and there the larger segments are worth more.
    """
    groups = one.weakest >= NEARLY_WHOLE
    return groups, one.solution.k if groups else float(one.shares.min()), one.weakest


def _is_peak(one: MeasuredSolution, measured: Sequence[MeasuredSolution]) -> bool:
    """Tell whether one segment fewer or more, by the same method and encoding, would be less stable.

    Few segments are stable in themselves: two count only if there is a gap between them.
    """
    solution = one.solution
    beside = [
        other.weakest
        for other in measured
        if (other.solution.method, other.solution.encoding) == (solution.method, solution.encoding)
        and abs(other.solution.k - solution.k) == 1
    ]
    return all(one.weakest >= other for other in beside) and (solution.k > 2 or _has_gap(one))  # noqa: PLR2004 - two


def _has_gap(one: MeasuredSolution) -> bool:
    coordinates, labels = one.solution.coordinates, one.solution.labels
    known = (labels >= 0) & ~np.isnan(coordinates).any(axis=1)
    return between(coordinates[known], labels[known], (0, 1)) <= GAP


def _name(one: MeasuredSolution) -> str:
    return f"{one.solution.method} on {one.solution.encoding} with k = {one.solution.k}"


def _figures(one: MeasuredSolution) -> str:
    without = float((one.solution.labels < 0).mean())
    left_out = f", {without:.0%} of the units have no segment" if without else ""
    return (
        f"The weakest segment comes back with a Jaccard similarity of {one.weakest:.2f}, the smallest has "
        f"{one.shares.min():.1%} of the units{left_out}; silhouette {one.silhouette:.3f} (shown, not decisive)."
    )


def _about_silhouette(loudest: MeasuredSolution) -> str:
    words = f"The largest silhouette, {loudest.silhouette:.3f}, has {_name(loudest)}"
    without = float((loudest.solution.labels < 0).mean())
    if without:
        return f"{words}, which leaves {without:.0%} of the units without a segment: it is that of the others."
    if loudest.is_sound:
        return f"{words}, whose weakest segment comes back with {loudest.weakest:.2f}."
    smallest = int(np.bincount(loudest.solution.labels).min())
    return (
        f"{words}: its smallest segment has {smallest:,} units and its weakest comes back with {loudest.weakest:.2f}. It "
        "separates odd units from all others."
    )


def _caveats(chosen: MeasuredSolution) -> tuple[str, ...]:
    caveats = []
    if weak := [position for position, jaccard in enumerate(chosen.jaccard) if jaccard < STABLE]:
        named = ", ".join(f"{position} ({chosen.jaccard[position]:.2f})" for position in weak)
        caveats.append(
            f"segments that other units of the same kind might not show again, by position with their Jaccard similarity "
            f"(below {STABLE:g}): {named}. Take them as provisional, or collect more units"
        )
    if small := [position for position, share in enumerate(chosen.shares) if share < SMALLEST_SHARE]:
        named = ", ".join(f"{position} ({chosen.shares[position]:.1%})" for position in small)
        caveats.append(f"segments with less than {SMALLEST_SHARE:.0%} of the units, by position: {named}")
    return tuple(caveats)
