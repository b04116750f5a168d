"""The verdict of a drift check, as it is stored, shown and passed between steps."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Literal, Self

from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict.evidence import Evidence, FalseAlarmRate, SegmentShare, VerdictBasis
from dtc_monitoring.verdict.what_decides import reason

VerdictStatus = Literal["stable", "mix_shift", "drift", "cannot_tell"]

STATUS_WORDS: Final[Mapping[str, str]] = {
    "stable": "No drift",
    "mix_shift": "Mix shift",
    "drift": "Drift",
    "cannot_tell": "Cannot tell",
}
"""What people read instead of a status, wherever they read it."""


@dataclass(frozen=True)
class ColumnDrift:
    """How the answers to one feature differ between the waves, whatever the reason; the status does not rest on it."""

    name: str
    test: str
    """``ks``, ``z`` or ``chi_square``, see `dtc_monitoring.columns.column_tests`."""
    statistic: float
    p_value: float
    drifted: bool
    """Whether the p-value is below the limit. A change of mix moves columns, too."""


@dataclass(frozen=True)
class DriftVerdict:
    """Whether respondents of the current wave still fit the personas, with the evidence."""

    status: VerdictStatus
    """``stable``; ``mix_shift`` if only the personas' shares changed; ``drift`` if respondents fit them no longer;
    ``cannot_tell`` if the waves are too small to say so."""
    drifted_share: float
    """Share of columns that are marked as drifted, from 0 to 1."""
    threshold: float
    """Share of marked columns from which on Evidently's report speaks of drift; the status does not depend on it."""
    columns: tuple[ColumnDrift, ...]
    n_reference: int
    """Respondents of the reference wave who were looked at; of a large wave a sample, see `VerdictBasis.sampled`."""
    n_current: int
    """Respondents of the current wave who were looked at."""
    p_value_limit: float
    """A column with a p-value below this is marked as drifted."""
    basis: VerdictBasis = field(default_factory=VerdictBasis)
    """What the status rests on; empty in verdicts made before there was such a thing."""

    @property
    def drifted_columns(self) -> tuple[str, ...]:
        """Names of the columns that are marked as drifted, in the catalogue's order."""
        return tuple(column.name for column in self.columns if column.drifted)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every comparison that was made: of features and fit within personas, of the mix, of missing answers."""
        return self.basis.evidence

    @property
    def reason(self) -> str:
        """The clearest of what the status rests on, as a phrase."""
        return self.basis.too_few or reason(self.status, self.evidence)

    @property
    def shares(self) -> tuple[SegmentShare, ...]:
        """Shares of the personas in both waves, in the catalogue's order."""
        return self.basis.shares

    @property
    def false_alarm_rate(self) -> FalseAlarmRate | None:
        """How often this kind of check alarms though nothing changed; None for an old verdict."""
        return self.basis.false_alarm_rate

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain JSON types, with the entries of its basis besides its own."""
        own = {name: value for name, value in asdict(self).items() if name != "basis"}
        return own | {"columns": [asdict(column) for column in self.columns]} | self.basis.to_dict()

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read a verdict back from what `to_dict` gave, now or before a basis was kept; other entries are left alone."""
        own = {entry.name: document[entry.name] for entry in fields(cls) if entry.name != "basis"}
        columns = tuple(ColumnDrift(**column) for column in document["columns"])
        return cls(**own | {"columns": columns, "basis": VerdictBasis.from_dict(document)})


def decide(within_p: float, within: Iterable[Evidence], mix: Evidence, settings: DriftSettings) -> VerdictStatus:
    """Tell whether a comparison means drift, a shift of the mix, or neither.

    Both need two things: a change that chance explains too rarely, and one that is large enough to act on. Otherwise a
    large wave would raise an alarm at a difference that nobody cares about. Missing answers are named, but decide nothing:
    retraining would not bring them back.

    Parameters
    ----------
    within_p : float
        How probable differences within segments like those found are if at most the mix changed.
    within : iterable of Evidence
        About features and fit within personas.
    mix : Evidence
        About the shares of all personas together.
    settings : DriftSettings
        How often the verdict may be wrong, and what counts as large enough.
    """
    if within_p <= settings.false_alarms and any(piece.flagged for piece in within):
        return "drift"
    return "mix_shift" if mix.flagged else "stable"


def false_alarm_rate(settings: DriftSettings) -> FalseAlarmRate:
    """State how often the verdict is wrong when nothing changed."""
    drift, mix = settings.false_alarms, settings.mix_false_alarms
    words = (
        f"Of 1,000 waves from an unchanged population, about {1000 * drift:.3g} or fewer are called drift and about "
        f"{1000 * mix:.3g} or fewer a shift of the mix."
    )
    return FalseAlarmRate(drift, mix, words)
