"""The pieces of evidence behind a verdict, as they are stored and shown."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

from dtc_monitoring.verdict.answer_shares import AnswerShares

Kind = Literal["features", "fit", "mix", "missing", "recoding"]
Scope = Literal["all", "feature", "segment", "tail", "group"]
"""What a comparison is about: everything of its kind together, one feature, one segment, respondents beyond a percentile, or a new group."""

SPREADS: Final = "spreads"
"""Unit of effects: standard deviations of the reference wave's respondents within a persona."""
SHARE: Final = "share of units"
"""Unit of effects: from -1 to 1; people read percentage points."""


@dataclass(frozen=True)
class Evidence:
    """One comparison of the two waves. Figures are None where an older version stored none."""

    kind: Kind
    name: str
    """What was compared: a feature, a segment, or all of them."""
    words: str
    """What came out, as a sentence."""
    flagged: bool
    """Whether the difference is both beyond chance and large enough to act on."""
    scope: Scope = "feature"
    statistic: float | None = None
    effect: float | None = None
    """How large the difference is, in `effect_unit`."""
    effect_unit: str = ""
    p_value: float | None = None
    """How probable so large a statistic is without a change of this kind."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read evidence back; what was stored before November 2026 has no scope, which its name then tells."""
        known: dict[str, Any] = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        required: dict[str, Any] = {
            "kind": "",
            "name": "",
            "words": "",
            "flagged": False,
            "scope": _scope_by_name(document),
        }
        return cls(**(required | known))


@dataclass(frozen=True)
class SegmentShare:
    """The share of respondents whose nearest persona this is."""

    segment_id: int
    segment: str
    before: float
    """In the reference wave, from 0 to 1."""
    after: float
    """In the current wave, from 0 to 1."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read a share back; before November 2026 the segment was stored as ``persona``."""
        names = {"persona": "segment", "persona_id": "segment_id"}
        return cls(**{names.get(name, name): value for name, value in document.items()})


@dataclass(frozen=True)
class FalseAlarmRate:
    """How often a verdict comes out though nothing changed."""

    drift: float
    mix_shift: float
    words: str


@dataclass(frozen=True)
class VerdictBasis:
    """What a verdict rests on, beyond the marks of single columns; empty in verdicts from before it was looked at."""

    evidence: tuple[Evidence, ...] = ()
    shares: tuple[SegmentShare, ...] = ()
    mean_fit_before: float | None = None
    """Mean distance to the nearest persona in the reference wave, in scaled units."""
    mean_fit_after: float | None = None
    """The same in the current wave."""
    effective_reference: float | None = None
    """Respondents that the reference wave is worth once weights are counted (Kish)."""
    effective_current: float | None = None
    p_value: float | None = None
    """How probable differences within personas like those found are if at most the mix changed; the status rests on it."""
    false_alarm_rate: FalseAlarmRate | None = None
    answers: tuple[AnswerShares, ...] = ()
    """What people answered in both waves, question by question."""
    too_few: str = ""
    """Why the check cannot tell, and which size would do, as a phrase; empty if it can."""
    enough_reference: int | None = None
    """Respondents of the reference wave that would do; None if the check can tell."""
    enough_current: int | None = None
    wave_reference: int | None = None
    """Everybody in the reference wave, where a sample was looked at; None if all were."""
    wave_current: int | None = None
    sampled: str = ""
    """Which samples were looked at and how far off they are, as a sentence; empty if everybody was."""

    def to_dict(self) -> dict[str, Any]:
        """Return the basis as plain JSON types."""
        document = asdict(self)
        return document | {name: list(document[name]) for name in ("evidence", "shares", "answers")}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read a basis back; entries that an older document lacks stay empty."""
        known = {name: document[name] for name in cls.__dataclass_fields__ if document.get(name) is not None}
        if "evidence" in known:
            known["evidence"] = tuple(map(Evidence.from_dict, known["evidence"]))
        if "shares" in known:
            known["shares"] = tuple(map(SegmentShare.from_dict, known["shares"]))
        if "answers" in known:
            known["answers"] = tuple(map(AnswerShares.from_dict, known["answers"]))
        if "false_alarm_rate" in known:
            known["false_alarm_rate"] = FalseAlarmRate(**known["false_alarm_rate"])
        return cls(**known)


def _scope_by_name(document: Mapping[str, Any]) -> Scope:
    kind, name = document.get("kind"), str(document.get("name", ""))
    if name.startswith("all "):
        return "all"
    if kind == "fit":
        return "tail" if name.startswith("beyond the ") else "group" if name == "a new group" else "segment"
    return "segment" if kind == "mix" else "feature"
