"""The record of decisions, brought into agreement with the registry whenever it is read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from dtc_model.decisions.decision_table import ELSEWHERE, Decision, append_decision, read_decisions, way_back
from dtc_model.errors import RegistryConflictError
from dtc_model.registry import FROM_CATALOGUE, LAST_DECISION, PROMOTED_AT, catalogue_version_of


class DecidedVersions(Protocol):
    """The versions of a registered model, whatever it is of, as far as decisions on them go."""

    @property
    def name(self) -> str:
        """Name of the registered model."""

    def versions(self) -> list[dict[str, Any]]:
        """Return what is known about each version, oldest first, its last decision among that where there is one."""

    def production_or_none(self) -> str | None:
        """Return the version in production, if there is one."""

    def tag(self, version: str, name: str, value: str) -> None:
        """Write one tag of a version."""


@dataclass(frozen=True)
class Record:
    """The decisions on a model, the oldest first."""

    decisions: tuple[Decision, ...]
    completed: tuple[Decision, ...]
    """Those of them that had been interrupted and were added just now."""

    @property
    def last(self) -> Decision | None:
        """The latest decision."""
        return self.decisions[-1] if self.decisions else None

    @property
    def way(self) -> list[str]:
        """The versions that were in production, see `dtc_model.decisions.decision_table.way_back`."""
        return way_back(self.decisions)

    @property
    def last_approval(self) -> Decision | None:
        """The latest decision by which a person, not the pipeline, put a version into production."""
        approvals = (
            found for found in reversed(self.decisions) if found.action != "rejected" and found.source != "auto"
        )
        return next(approvals, None)

    def last_on(self, version: str) -> Decision | None:
        """Return the latest decision on a version."""
        return next((found for found in reversed(self.decisions) if found.version == version), None)

    def was_in_production(self, version: str) -> bool:
        """Tell whether a version is in production or was before."""
        return version in self.way or any(
            version == found.version and found.action != "rejected" for found in self.decisions
        )

    def taken_back(self, versions: Collection[str]) -> Decision | None:
        """Return the decision by which a model, known as some versions, was rejected or rolled back from.

        None if none of the versions was, or one of them went into production later.
        """
        for found in reversed(self.decisions):
            if found.version in versions:
                return found if found.action == "rejected" else None
            if found.left in versions:
                return found
        return None


@dataclass(frozen=True)
class Snapshot:
    """Record, versions and production of one registered model at one moment; decisions are taken on it."""

    record: Record
    versions: tuple[Mapping[str, Any], ...]
    """What is known about each version, oldest first."""
    production: str | None
    """The version in production, if there is one."""

    @property
    def catalogue_version(self) -> str | None:
        """The version of the catalogue that production rests on, see `RegisteredVersions.catalogue_version`."""
        return catalogue_version_of(self.versions, self.production)

    def version(self, version: str) -> Mapping[str, Any]:
        """Return what is known about one version.

        Raises
        ------
        RegistryConflictError
            If there is no such version.
        """
        for found in self.versions:
            if found["version"] == version:
                return found
        raise RegistryConflictError(f"there is no version {version!r}: `make versions` lists those that there are")


def take_snapshot(connection: Connection, registry: DecidedVersions) -> Snapshot:
    """Read registry and record, and add to the record what it lacks.

    Call it under the lock of `dtc_model.decisions.decision_table.lock_decisions`.

    A rejection counts as soon as it stands in the registry, a promotion or rollback as soon as the alias has moved. If the
    alias is at a version that no decision led to, somebody moved it in MLflow, which is recorded too.
    """
    decisions = read_decisions(connection, registry.name)
    known = {decision.id for decision in decisions}
    versions = registry.versions()
    production = registry.production_or_none()
    missing = [
        decision
        for tags in versions
        if LAST_DECISION in tags and (decision := Decision.from_dict(tags[LAST_DECISION])).id not in known
        if decision.action == "rejected" or decision.version == production
    ]
    missing.sort(key=lambda decision: decision.at)
    if production is not None and _moved_elsewhere(way_back([*decisions, *missing]), production, versions):
        before = way_back(decisions)
        missing.append(
            Decision.now(
                "promoted",
                model_name=registry.name,
                version=production,
                previous_version=before[-1] if before else None,
                by="somebody",
                why="found in production without a decision on record: the alias was moved in MLflow",
                source=ELSEWHERE,
            )
        )
    for decision in missing:
        append_decision(connection, decision)
        if decision.action != "rejected":
            mark_promoted(registry, decision)
    return Snapshot(Record((*decisions, *missing), tuple(missing)), tuple(versions), production)


def mark_promoted(registry: DecidedVersions, decision: Decision) -> None:
    """Write to a version since when it is in production."""
    registry.tag(decision.version, PROMOTED_AT, decision.at.isoformat())


def _moved_elsewhere(way: list[str], production: str, versions: list[dict[str, object]]) -> bool:
    """Tell whether no decision explains the version in production; the catalogue needs none in the beginning."""
    if way:
        return way[-1] != production
    return any(found["version"] == production and found.get("source") != FROM_CATALOGUE for found in versions)
