"""The gate before production: what a retrained model must keep, judged by limits and said in words."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from dtc_data.catalogue import PLAIN_WORDS, Words

from dtc_model.discovery import SegmentChange
from dtc_model.gate.side_by_side import ModelComparison
from dtc_model.rule import SegmentModel
from dtc_model.settings import GateSettings


@dataclass(frozen=True)
class Finding:
    """One thing that the gate looked at."""

    name: str
    """What was measured: ``moved``, ``crept``, ``stability`` (each per persona), ``matching``, ``relabelled_share``,
    ``rand_index``, ``fit``, ``smallest_share``, ``segments``, ``best_k``, ``taken_back`` or ``replaced``."""
    value: float
    limit: float | None
    """What the value is held against; None for a remark that decides nothing."""
    passed: bool
    words: str
    segment: str | None = None
    """Whom it is about, if one persona."""


@dataclass(frozen=True)
class GateReport:
    """All findings on one candidate."""

    findings: tuple[Finding, ...]
    segment_changes: tuple[SegmentChange, ...]
    profile: dict[str, Any]
    """The figures for pictures: per persona shares, movement and stability; and how many respondents change from which
    persona to which."""

    @property
    def passed(self) -> bool:
        """Whether the candidate may go into production without a person's decision."""
        return all(finding.passed for finding in self.findings)

    def with_first(self, finding: Finding) -> Self:
        """Return the report with one more finding, before all others."""
        return replace(self, findings=(finding, *self.findings))

    @property
    def objections(self) -> str:
        """What speaks against it, in words."""
        return "; ".join(finding.words for finding in self.findings if not finding.passed)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {
            "gate_passed": self.passed,
            "findings": [asdict(finding) for finding in self.findings],
            "segments": [segment_change.words for segment_change in self.segment_changes],
            "profile": self.profile
            | {"segments": [segment_change.to_dict() for segment_change in self.segment_changes]},
        }


def judge(  # noqa: PLR0913 - what was measured, and what it is held against
    candidate: SegmentModel,
    production: SegmentModel,
    comparison: ModelComparison,
    segment_changes: Sequence[SegmentChange],
    limits: GateSettings,
    *,
    best_k: int,
    approved_version: str | None = None,
    words: Words = PLAIN_WORDS,
) -> GateReport:
    """Hold what was measured against the limits.

    Parameters
    ----------
    candidate, production : SegmentModel
        The models that were compared.
    comparison : Comparison
        Of the two, on the current wave.
    segments : sequence of Segment
        Changes in which segments there are; each of them is a matter for people.
    limits : GateSettings
        What passes.
    best_k : int
        The number of clusters that the sweep's ratio prefers; said, and nothing decided by it.
    approved_version : str, optional
        The version that a person approved last; None if nobody has, so that the catalogue counts as approved.
    words : Words
        What the findings call units and segments.
    """
    findings = (
        _matching(candidate, production, words),
        *_movements(candidate, comparison, limits, approved_version),
        *_labels(comparison, limits, words),
        *_stabilities(candidate, comparison, limits),
        _smallest(candidate, comparison, limits, words),
        Finding(
            "segments",
            len(segment_changes),
            0,
            not segment_changes,
            ". ".join(segment_change.words for segment_change in segment_changes) or _SAME,
        ),
        _ratio(candidate, best_k),
    )
    return GateReport(findings, tuple(segment_changes), _profile(candidate, production, comparison))


_NOT_MOVED = 0.005
"""Spreads that would be written as 0.00."""
_SAME = "no segment is new, split, merged or gone"


def _matching(candidate: SegmentModel, production: SegmentModel, said: Words) -> Finding:
    lost = [name for name in production.segment_names if name not in candidate.segment_names]
    added = [name for name in candidate.segment_names if name not in production.segment_names]
    words = f"each of the {len(production.segment_ids)} {said.segments} has a cluster of its own"
    if lost or added:
        parts = [f"no cluster stands for {' and '.join(lost)}"] if lost else []
        parts += [f"{len(added)} clusters stand for no {said.segment}"] if added else []
        words = ", and ".join(parts)
    return Finding("matching", len(lost) + len(added), 0, not lost and not added, words)


def _movements(
    candidate: SegmentModel, comparison: ModelComparison, limits: GateSettings, approved_version: str | None
) -> Iterator[Finding]:
    approved = "the catalogue has it" if approved_version is None else "a person last approved it"
    kinds = (
        ("moved", comparison.moved, limits.moved, "it is in production"),
        ("crept", comparison.crept, limits.crept, approved),
    )
    for kind, values, limit, place in kinds:
        for name, value in zip(candidate.segment_names, values.tolist(), strict=True):
            if not np.isnan(value):
                words = f"{name} lies {value:.2f} spreads from where {place}, net of chance (at most {limit:g})"
                if value < _NOT_MOVED:
                    words = f"{name} lies where {place}, but for chance (at most {limit:g})"
                yield Finding(kind, value, limit, value <= limit, words, name)


def _labels(comparison: ModelComparison, limits: GateSettings, said: Words) -> Iterator[Finding]:
    share, index, fit = comparison.relabelled_share, comparison.rand_index, comparison.fit
    words = f"{share:.1%} of {said.units} get another {said.segment} than by production (at most {limits.relabelled_share:.0%})"
    yield Finding("relabelled_share", share, limits.relabelled_share, share <= limits.relabelled_share, words)
    words = f"old and new labels agree with an adjusted Rand index of {index:.2f} (at least {limits.rand_index:g})"
    yield Finding("rand_index", index, limits.rand_index, index >= limits.rand_index, words)
    words = (
        f"{said.units} lie {fit:.2f} times as far from their {said.segment} as by production (at most {limits.fit:g})"
    )
    yield Finding("fit", fit, limits.fit, fit <= limits.fit, words)


def _stabilities(candidate: SegmentModel, comparison: ModelComparison, limits: GateSettings) -> Iterator[Finding]:
    for name, value in zip(candidate.segment_names, comparison.stability.tolist(), strict=True):
        words = f"the cluster of {name} comes back with a similarity of {value:.2f} (at least {limits.stability:g})"
        yield Finding("stability", value, limits.stability, value >= limits.stability, words, name)


def _smallest(candidate: SegmentModel, comparison: ModelComparison, limits: GateSettings, said: Words) -> Finding:
    smallest = int(comparison.shares.argmin())
    name, share = candidate.segment_names[smallest], float(comparison.shares[smallest])
    words = (
        f"the smallest {said.segment}, {name}, has {share:.1%} of {said.units} (at least {limits.smallest_share:.0%})"
    )
    return Finding("smallest_share", share, limits.smallest_share, share >= limits.smallest_share, words, name)


def _ratio(candidate: SegmentModel, best_k: int) -> Finding:
    k = len(candidate.segment_ids)
    words = f"k = {k} is also best by the ratio"
    if best_k != k:
        words = f"the ratio prefers k = {best_k}; the candidate has k = {k}, which a person can change with TRAIN_K"
    return Finding("best_k", best_k, None, passed=True, words=words)


def _profile(candidate: SegmentModel, production: SegmentModel, comparison: ModelComparison) -> dict[str, Any]:
    before = comparison.relabelled.sum(axis=1) / max(comparison.relabelled.sum(), 1)
    share_before = dict(zip(production.segment_ids, before.tolist(), strict=True))
    figures = (comparison.shares, comparison.moved, comparison.crept, comparison.stability)
    return {
        "personas": [
            {
                "id": segment,
                "name": name,
                "share_before": share_before.get(segment),
                "share": share,
                "moved": None if np.isnan(moved) else moved,
                "crept": None if np.isnan(crept) else crept,
                "stability": stability,
            }
            for segment, name, share, moved, crept, stability in zip(
                candidate.segment_ids, candidate.segment_names, *(values.tolist() for values in figures), strict=True
            )
        ],
        "transitions": {
            "from": list(production.segment_names),
            "to": list(candidate.segment_names),
            "counts": comparison.relabelled.astype(int).tolist(),
        },
    }
