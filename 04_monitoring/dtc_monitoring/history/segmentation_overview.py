"""All segmentations at one look: table, model, waves, version in production, last verdict. It imports little, so that it is quick."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dtc_data.catalogue import ListedSegmentations, Segmentation
from dtc_data.core import DtcError, Wave
from dtc_data.tables import transaction, waves_in, withdrawals_of
from dtc_model.errors import NoProductionVersionError
from dtc_model.registry import RegistryReader
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection, Engine

from dtc_monitoring.checks import CheckedWave, newest_checked_wave
from dtc_monitoring.verdict import STATUS_WORDS

UNKNOWN: Final = "?"
"""Stands for what cannot be reached."""
NONE: Final = "-"
_InDatabase = tuple[tuple[Wave, ...] | None, CheckedWave | None, bool]
"""Waves, the newest check, and whether it rests on units that were withdrawn later."""


@dataclass(frozen=True)
class SegmentationLine:
    """What is known about one segmentation; a field is None where there is nothing, or nothing could be asked."""

    segmentation: Segmentation
    is_default: bool
    waves: tuple[Wave, ...] | None
    version: str | None
    verdict: CheckedWave | None
    """The newest drift check."""
    rests_on_withdrawn: bool = False
    """Whether it saw units that were withdrawn later."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        catalogue = self.segmentation.catalogue
        return {
            "name": self.segmentation.name,
            "title": catalogue.name,
            "default": self.is_default,
            "table": catalogue.unit_table,
            "model": catalogue.registered_model,
            "waves": None if self.waves is None else [str(found) for found in self.waves],
            "version": self.version,
            "last_verdict": self._last_verdict(),
        }

    def _last_verdict(self) -> dict[str, Any] | None:
        if self.verdict is None:
            return None
        found = {"wave": str(self.verdict.wave), "status": self.verdict.status}
        return found | ({"rests_on_withdrawn": True} if self.rests_on_withdrawn else {})


@dataclass(frozen=True)
class SegmentationOverview:
    """All of them, and what could not be asked."""

    lines: tuple[SegmentationLine, ...]
    unreachable: dict[str, str]
    """``database`` and ``registry``, with why, where they cannot be asked."""
    broken: dict[str, str]
    """By name, why a catalogue cannot be used."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        lines = [line.to_dict() for line in self.lines]
        return {"segmentations": lines, "unreachable": dict(self.unreachable), "broken": dict(self.broken)}


def segmentation_overview_of(listed: ListedSegmentations, engine: Engine, tracking_uri: str) -> SegmentationOverview:
    """Ask database and registry about each segmentation; what does not answer is said and fails nothing."""
    ordered = sorted(listed.found.values(), key=lambda one: (one.name != listed.default, one.name))
    unreachable: dict[str, str] = {}
    in_database = _from_database(engine, ordered, unreachable)
    versions = _versions(tracking_uri, ordered, unreachable)
    lines = []
    for one in ordered:
        waves, verdict, stale = in_database.get(one.name, (None, None, False))
        is_default = one.name == listed.default
        lines.append(SegmentationLine(one, is_default, waves, versions.get(one.name), verdict, stale))
    return SegmentationOverview(tuple(lines), unreachable, dict(listed.problems))


def overview_table(overview: SegmentationOverview) -> Table:
    """Arrange an overview for a terminal."""
    table = Table()
    for header in ("segmentation", "name", "table", "model", "waves", "in production", "last verdict"):
        table.add_column(header, overflow="fold")  # a name that is cut could not be typed
    no_database, no_registry = "database" in overview.unreachable, "registry" in overview.unreachable
    for line in overview.lines:
        catalogue = line.segmentation.catalogue
        table.add_row(
            escape(f"{line.segmentation.name}{' (default)' if line.is_default else ''}"),
            escape(catalogue.name),
            escape(catalogue.unit_table),
            escape(catalogue.registered_model),
            UNKNOWN if no_database else _range(line.waves or ()),
            line.version or (UNKNOWN if no_registry else NONE),
            UNKNOWN if no_database else _verdict(line),
        )
    return table


def _from_database(
    engine: Engine, segmentations: Sequence[Segmentation], unreachable: dict[str, str]
) -> dict[str, _InDatabase]:
    try:
        with transaction(engine) as connection:
            return {one.name: _of_one(connection, one) for one in segmentations}
    except DtcError as error:
        unreachable["database"] = str(error)
        return {}


def _of_one(connection: Connection, one: Segmentation) -> _InDatabase:
    waves = waves_in(connection, one.catalogue.unit_table)
    verdict = newest_checked_wave(connection, one.catalogue.registered_model)
    stale = verdict is not None and verdict.rests_on_withdrawn(withdrawals_of(connection, one.catalogue.unit_table))
    return None if waves is None else tuple(waves), verdict, stale


def _versions(tracking_uri: str, segmentations: Sequence[Segmentation], unreachable: dict[str, str]) -> dict[str, str]:
    versions: dict[str, str] = {}
    for one in segmentations:
        try:
            with RegistryReader(tracking_uri, one.catalogue.registered_model) as reader:
                versions[one.name] = reader.production_version()
        except NoProductionVersionError:
            continue
        except DtcError as error:  # asking for the next one would only mean to wait again
            unreachable["registry"] = str(error)
            break
    return versions


def _range(waves: Sequence[Wave]) -> str:
    if not waves:
        return NONE
    return str(waves[0]) if len(waves) == 1 else f"{len(waves)}: {waves[0]} to {waves[-1]}"


def _verdict(line: SegmentationLine) -> str:
    if (found := line.verdict) is None:
        return NONE
    words = f"{STATUS_WORDS.get(found.status, found.status)} in {found.wave}"
    return (
        f"{words}, on {line.segmentation.catalogue.words.units} withdrawn later" if line.rests_on_withdrawn else words
    )
