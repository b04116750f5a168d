"""All segmentations at one look: what holds, what waits for a decision, and what failed."""

from collections.abc import Mapping
from dataclasses import dataclass

from dtc_data.catalogue import Segmentation
from dtc_data.tables import WaveCounts, transaction, wave_counts, withdrawals_of
from dtc_model.decisions import waiting_versions
from dtc_monitoring.checks import FailedRun, checked_waves, open_failures

from dtc_dashboard.queries.query_result import QueryResult, ask
from dtc_dashboard.queries.sources import Sources


@dataclass(frozen=True)
class WaveLine:
    """One wave with its verdict."""

    counts: WaveCounts
    status: str | None
    """Status of the newest drift check; None if it was never checked."""
    is_outdated: bool = False
    """Whether that check rests on a wave that was withdrawn since."""


@dataclass(frozen=True)
class Outline:
    """One segmentation in short; a part that could not be asked says why."""

    segmentation: Segmentation
    waves: QueryResult[list[WaveLine]]
    """The earliest first."""
    production: QueryResult[str | None]
    waiting: QueryResult[list[str]]
    """Versions that wait for a decision."""

    @property
    def newest_status(self) -> str | None:
        """Status of the newest wave that was checked."""
        return next((line.status for line in (self.waves.value or ())[::-1] if line.status), None)

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
    failures: QueryResult[list[FailedRun]]
    """Runs that failed lately and that nothing has made good since, the newest first."""

    @property
    def waiting(self) -> tuple[Outline, ...]:
        """Segmentations of which a version waits for a decision."""
        return tuple(one for one in self.outlines if one.waiting.value)

    @property
    def drifted(self) -> tuple[Outline, ...]:
        """Segmentations whose newest checked wave drifted."""
        return tuple(one for one in self.outlines if one.newest_status == "drift")

    @property
    def shared_problems(self) -> tuple[str, ...]:
        """What could not be asked of any of several segmentations: it is told once."""
        of_each = [set(one.problems) for one in self.outlines]
        return (
            tuple(filter(set.intersection(*of_each).__contains__, self.outlines[0].problems))
            if len(of_each) > 1
            else ()
        )

    @property
    def is_calm(self) -> bool:
        """Whether nobody needs to do anything, as far as everything could be asked."""
        asked = not self.failures.problem and not any(one.problems for one in self.outlines)
        return asked and not (self.failures.value or self.waiting or self.broken)


def read_overview(sources: Sources) -> Overview:
    """Return all segmentations, the default one first."""
    outlines = tuple(outline(sources, one) for one in sources.ordered())
    return Overview(outlines, sources.segmentations().problems, ask(lambda: failed_runs(sources)))


def failed_runs(sources: Sources) -> list[FailedRun]:
    """Return the runs that failed lately and that nothing has made good since, the newest first.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    with transaction(sources.engine) as connection:
        return open_failures(connection)


def outline(sources: Sources, segmentation: Segmentation) -> Outline:
    """Return one segmentation in short."""
    decisions = sources.decisions(segmentation)
    production = ask(decisions.registry.production_or_none)
    waiting = ask(lambda: waiting_versions(decisions)) if not production.problem else QueryResult([])
    return Outline(segmentation, ask(lambda: wave_lines(sources, segmentation)), production, _names(waiting))


def wave_lines(sources: Sources, segmentation: Segmentation) -> list[WaveLine]:
    """Return the waves of a segmentation with their verdicts, the earliest first; none while there is no table.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    counts, catalogue = counts_of(sources, segmentation), segmentation.catalogue
    with transaction(sources.engine) as connection:
        checked = checked_waves(connection, catalogue.registered_model)
        withdrawals = withdrawals_of(connection, catalogue.unit_table)
    lines = []
    for found in counts:
        check = checked.get(found.wave)
        outdated = check is not None and check.rests_on_withdrawn(withdrawals)
        lines.append(WaveLine(found, None if check is None else check.status, outdated))
    return lines


def counts_of(sources: Sources, segmentation: Segmentation) -> list[WaveCounts]:
    """Return the units of every wave, counted once for each change of the table."""

    def count() -> list[WaveCounts]:
        with transaction(sources.engine) as connection:
            return wave_counts(connection, segmentation.catalogue)

    return sources.prepared(segmentation, ("counts",), count)


def _names(waiting: QueryResult[list[dict[str, object]]]) -> QueryResult[list[str]]:
    return QueryResult(
        None if waiting.value is None else [str(one["version"]) for one in waiting.value], waiting.problem
    )
