"""The pieces of evidence behind a verdict, as they are stored and shown."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

Kind = Literal["features", "fit", "mix", "missing"]

SPREADS: Final = "spreads"
"""Unit of effects: standard deviations of the reference wave's respondents within a persona."""
SHARE: Final = "share of units"
"""Unit of effects: from -1 to 1; people read percentage points."""


@dataclass(frozen=True)
class Evidence:
    """One comparison of the two waves."""

    kind: Kind
    name: str
    """What was compared: a feature, a persona, or all of them."""
    statistic: float
    effect: float
    """How large the difference is, in `effect_unit`."""
    effect_unit: str
    p_value: float
    """How probable so large a statistic is without a change of this kind."""
    flagged: bool
    """Whether the difference is both beyond chance and large enough to act on."""
    words: str
    """The finding as a sentence."""


@dataclass(frozen=True)
class SegmentShare:
    """The share of respondents whose nearest persona this is."""

    segment_id: int
    segment: str
    before: float
    """In the reference wave, from 0 to 1."""
    after: float
    """In the current wave, from 0 to 1."""


@dataclass(frozen=True)
class FalseAlarmRate:
    """How often a verdict comes out though nothing changed."""

    drift: float
    mix_shift: float
    words: str


@dataclass(frozen=True)
class Findings:
    """What the check found beyond the marks of single columns; empty in verdicts from before it was looked at."""

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

    def to_dict(self) -> dict[str, Any]:
        """Give the findings as plain JSON types."""
        document = asdict(self)
        return document | {name: list(document[name]) for name in ("evidence", "shares")}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read findings back; entries that an older document lacks stay empty."""
        known = {name: document[name] for name in cls.__dataclass_fields__ if document.get(name) is not None}
        if "evidence" in known:
            known["evidence"] = tuple(Evidence(**entry) for entry in known["evidence"])
        if "shares" in known:
            known["shares"] = tuple(SegmentShare(**entry) for entry in known["shares"])
        if "false_alarm_rate" in known:
            known["false_alarm_rate"] = FalseAlarmRate(**known["false_alarm_rate"])
        return cls(**known)
