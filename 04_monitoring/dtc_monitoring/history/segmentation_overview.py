"""All segmentations at one look: table, model, waves, version in production, last verdict. It imports little, so that it is quick."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dtc_data.catalogue import ListedSegmentations, Segmentation
from dtc_data.core import DtcError, Wave
from dtc_data.tables import transaction, waves_in
from dtc_model.errors import NoProductionVersionError
from dtc_model.registry import RegistryReader
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection, Engine

from dtc_monitoring.checks import newest_status
from dtc_monitoring.verdict import STATUS_WORDS

UNKNOWN: Final = "?"
"""Stands for what cannot be reached."""
NONE: Final = "-"


@dataclass(frozen=True)
class SegmentationLine:
    """What is known about one segmentation; a field is None where there is nothing, or nothing could be asked."""

    segmentation: Segmentation
    is_default: bool
    waves: tuple[Wave, ...] | None
    version: str | None
    verdict: tuple[Wave, str] | None
    """Wave and status of the newest drift check."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        catalogue = self.segmentation.catalogue
        wave, status = self.verdict or (None, None)
        return {
            "name": self.segmentation.name,
            "title": catalogue.name,
            "default": self.is_default,
            "table": catalogue.unit_table,
            "model": catalogue.registered_model,
            "waves": None if self.waves is None else [str(found) for found in self.waves],
            "version": self.version,
            "last_verdict": None if status is None else {"wave": str(wave), "status": status},
        }


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
        waves, verdict = in_database.get(one.name, (None, None))
        lines.append(SegmentationLine(one, one.name == listed.default, waves, versions.get(one.name), verdict))
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
            UNKNOWN if no_database else _verdict(line.verdict),
        )
    return table


def _from_database(
    engine: Engine, segmentations: Sequence[Segmentation], unreachable: dict[str, str]
) -> dict[str, tuple[tuple[Wave, ...] | None, tuple[Wave, str] | None]]:
    try:
        with transaction(engine) as connection:
            return {one.name: _of_one(connection, one) for one in segmentations}
    except DtcError as error:
        unreachable["database"] = str(error)
        return {}


def _of_one(connection: Connection, one: Segmentation) -> tuple[tuple[Wave, ...] | None, tuple[Wave, str] | None]:
    waves = waves_in(connection, one.catalogue.unit_table)
    return None if waves is None else tuple(waves), newest_status(connection, one.catalogue.registered_model)


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


def _verdict(verdict: tuple[Wave, str] | None) -> str:
    return f"{STATUS_WORDS.get(verdict[1], verdict[1])} in {verdict[0]}" if verdict else NONE
