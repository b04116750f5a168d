"""What there is to tell about one run of the pipeline: the alert, its picture and the report are all made from this.

Whatever a run does not have is None or empty; `dtc_monitoring.report.report_reading` fills it from what the steps gave.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from dtc_data.catalogue import Words

from dtc_monitoring.verdict import AnswerShares, Evidence, grounds

BEFORE_WORDS: Final = Words("respondent", "respondents", "persona", "personas")
"""Words of runs from before catalogues had any."""

Outcome = Literal["promoted", "waiting", "kept", "rejected", "taken_back", "replaced", "unchanged"]
"""What became of a candidate: in production, waiting for people's decision, registered for people to look at, or rejected
while the run was at work; or it is a model that a person took back before, or the one that was in production anyway."""


@dataclass(frozen=True)
class WaveFigures:
    """One wave as the checks saw it."""

    wave: str
    status: str
    """The verdict, or ``reference``."""
    shares: Mapping[str, float]
    """Share of the respondents by persona name, from 0 to 1."""
    fit: float | None = None
    """Mean distance of the respondents to their persona, in scaled units."""
    withdrawn: bool = False
    """Whether that check saw respondents who were withdrawn later."""


@dataclass(frozen=True)
class SegmentMove:
    """A persona of the candidate compared with the one in production."""

    segment: str
    moved: float | None
    """Distance from the catalogue's centroid in scaled units; None for a segment that is not a persona."""
    moved_spreads: float | None = None
    """Distance from production's centroid, in spreads of the persona's respondents."""
    share_before: float | None = None
    """Share of the current wave's respondents to whom production gives the persona."""
    share_after: float | None = None
    """Likewise by the candidate."""
    stability: float | None = None
    """How alike the group comes back when it is found again in resamples, from 0 to 1."""


@dataclass(frozen=True)
class Relabelling:
    """How many respondents of the current wave go from which persona to which if the candidate labels."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """One row for each persona of ``before``."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at before the candidate could be promoted."""

    words: str
    passed: bool
    name: str = ""
    value: float | None = None
    limit: float | None = None
    """What the value is held against; None for a remark that decides nothing."""
    segment: str = ""
    """Whom it is about, if one persona."""


@dataclass(frozen=True)
class Candidate:
    """The version that was trained because of a drift."""

    version: str
    outcome: Outcome
    reason: str
    trained_on: str
    k: int
    figures: Mapping[str, float] = field(default_factory=dict)
    """Silhouette and ratio."""
    moves: tuple[SegmentMove, ...] = ()
    missing: tuple[str, ...] = ()
    """Personas that no group of respondents stands for."""
    gate: tuple[Finding, ...] = ()
    relabelling: Relabelling | None = None
    fitted_on: str = ""
    """How respondents counted who left answers out, in words; empty if nobody did."""
    sweep_end: str = ""
    """How far the sweep went, in words; empty if it tried every number of groups it should."""
    segment_changes: tuple[str, ...] = ()
    """New, split, merged and vanished segments, in words."""


@dataclass(frozen=True)
class Profile:
    """A segment's centroid in two versions, ``(n_columns,)`` each, in scaled units."""

    segment: str
    production: tuple[float, ...] | None
    candidate: tuple[float, ...] | None
    words_before: Mapping[str, str] = field(default_factory=dict)
    """By feature what is typical in words, where answers are words; for production."""
    words_after: Mapping[str, str] = field(default_factory=dict)
    """Likewise for the candidate."""


@dataclass(frozen=True)
class ReportContent:
    """All that is told about one run."""

    model_name: str
    reference_wave: str
    current_wave: str
    checked_at: str
    status: str
    """``stable``, ``mix_shift``, ``drift`` or ``cannot_tell``."""
    n_reference: int
    """Everybody in the reference wave."""
    n_current: int
    segments: tuple[str, ...]
    """Names in the catalogue's order, which gives each its colour."""
    words: Words = BEFORE_WORDS
    """What units and segments are called."""
    evidence: tuple[Evidence, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    """By feature the text of its question, where it has one."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """By feature what people call it, where that is not its name."""
    answers: tuple[AnswerShares, ...] = ()
    """What people answered in both waves, the largest change of a share first."""
    drifted_columns: tuple[str, ...] = ()
    """Features whose answers differ over all respondents, whatever their persona."""
    false_alarm_rate: float | None = None
    """How often the verdict comes out so although nothing changed, at most."""
    too_few: str = ""
    """Why the check cannot tell, and which size would do; empty if it can."""
    sampled: str = ""
    """Which samples were looked at and how far off they are, as a sentence; empty if everybody was."""
    waves: tuple[WaveFigures, ...] = ()
    """All waves that were checked so far, the reference wave first, then by date."""
    candidate: Candidate | None = None
    production_version: str | None = None
    """The version that labels now; None if there is none or it could not be asked."""
    previous_version: str | None = None
    """The version that was in production before the candidate."""
    feature_names: tuple[str, ...] = ()
    profiles: tuple[Profile, ...] = ()
    evidently_url: str = ""
    report_url: str = ""
    survey: str = ""
    """Name of the catalogue; one chat may hear of several."""
    colours: tuple[str, ...] = ()
    """Of the segments in pictures, in the catalogue's order; by position where there are none."""
    season: str = ""
    """How the wave compares with the same month of the year before, in words; empty where that is not asked."""
    newcomers: str = ""
    """Who was in no earlier wave, in words; empty where that is not asked."""
    moves: str = ""
    """Which units that people moved their features contradict, in words; empty without any."""
    chat: bool = False
    """Whether a Telegram chat hears of this run and can answer."""
    command: Callable[[str], str] = "make {}".format
    """Writes a make command that acts on this model, see `dtc_data.catalogue.Segmentation.command`."""

    @property
    def flagged(self) -> tuple[Evidence, ...]:
        """The evidence that the verdict rests on, then what is told with it, the clearest first."""
        return grounds(self.status, self.evidence)

    @property
    def is_quiet(self) -> bool:
        """Whether no segment is said to be affected."""
        return self.status in {"stable", "cannot_tell"}

    @property
    def current(self) -> WaveFigures | None:
        """Return the current wave's figures."""
        return next((wave for wave in reversed(self.waves) if wave.wave == self.current_wave), None)

    @property
    def reference(self) -> WaveFigures | None:
        """Return the reference wave's figures."""
        return next((wave for wave in self.waves if wave.wave == self.reference_wave), None)
