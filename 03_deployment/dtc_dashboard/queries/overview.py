"""All segmentations at one look: what holds, what waits for a decision, and what failed."""

from collections.abc import Mapping
from dataclasses import dataclass

from dtc_data.catalogue import Segmentation
from dtc_data.core import Wave
from dtc_data.tables import WaveCounts, transaction, wave_counts
from dtc_model.decisions import waiting_versions
from dtc_monitoring.checks import latest_statuses

from dtc_dashboard.queries.answered import Answered, ask
from dtc_dashboard.queries.sources import Sources


@dataclass(frozen=True)
class WaveLine:
    """One wave with its verdict."""

    counts: WaveCounts
    status: str | None
    """Status of the newest drift check; None if it was never checked."""


@dataclass(frozen=True)
class Outline:
    """One segmentation in short; a part that could not be asked says why."""

    segmentation: Segmentation
    waves: Answered[list[WaveLine]]
    """The earliest first."""
    production: Answered[str | None]
    waiting: Answered[list[str]]
    """Versions that wait for a decision."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be asked, each problem once."""
        parts = (self.waves.problem, self.production.problem, self.waiting.problem)
        return tuple(dict.fromkeys(filter(None, parts)))


@dataclass(frozen=True)
class Overview:
    """Everything on the first page."""

    outlines: tuple[Outline, ...]
    broken: Mapping[str, str]
    """By name, why a catalogue cannot be used."""


def read_overview(sources: Sources) -> Overview:
    """Return all segmentations, the default one first."""
    outlines = tuple(outline(sources, one) for one in sources.ordered())
    return Overview(outlines, sources.segmentations().problems)


def outline(sources: Sources, segmentation: Segmentation) -> Outline:
    """Return one segmentation in short."""
    decisions = sources.decisions(segmentation)
    production = ask(decisions.registry.production_or_none)
    waiting = ask(lambda: waiting_versions(decisions)) if not production.problem else Answered([])
    return Outline(segmentation, ask(lambda: wave_lines(sources, segmentation)), production, _names(waiting))


def wave_lines(sources: Sources, segmentation: Segmentation) -> list[WaveLine]:
    """Return the waves of a segmentation with their verdicts, the earliest first; none while there is no table.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    counts = counts_of(sources, segmentation)
    with transaction(sources.engine) as connection:
        statuses: Mapping[Wave, str] = latest_statuses(connection, segmentation.catalogue.registered_model)
    return [WaveLine(found, statuses.get(found.wave)) for found in counts]


def counts_of(sources: Sources, segmentation: Segmentation) -> list[WaveCounts]:
    """Return the units of every wave, counted once for each change of the table."""

    def count() -> list[WaveCounts]:
        with transaction(sources.engine) as connection:
            return wave_counts(connection, segmentation.catalogue)

    return sources.prepared(segmentation, ("counts",), count)


def _names(waiting: Answered[list[dict[str, object]]]) -> Answered[list[str]]:
    return Answered(None if waiting.value is None else [str(one["version"]) for one in waiting.value], waiting.problem)
