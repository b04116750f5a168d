"""Which version is in production, decided by people or by the pipeline: promote, reject, roll back.

The alias in MLflow says which version labels, so moving it is the moment at which a decision counts. A decision is first
written to its version in the registry, then the alias moves, then the row in Postgres follows. Interrupted before the alias
moves, nothing has happened; interrupted afterwards, whoever looks next finds the decision in the registry and completes the
row (`dtc_model.decisions.decision_record`). All of it happens under a lock in Postgres, one for each registered model, so that of
two decisions at once the second sees what the first has done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from dtc_data.core import DtcError, Wave
from dtc_data.tables import UnitTable, transaction
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from dtc_model.decisions.decision_record import Record, Snapshot, mark_promoted, take_snapshot
from dtc_model.decisions.decision_rules import (
    check_all_said,
    check_may_be_promoted,
    check_may_be_rejected,
    check_rests_on,
    check_still_in_production,
    is_repeated_rollback,
)
from dtc_model.decisions.decision_table import Action, Decision, Source, append_decision, lock_decisions, plain
from dtc_model.errors import ModelBrokenError, RegistryConflictError
from dtc_model.registry import LAST_DECISION, Measure, ModelRegistry

_log = structlog.get_logger()


@dataclass(frozen=True)
class DecisionResult:
    """What came of a decision."""

    decision: Decision
    production_version: str | None
    """The version in production afterwards."""
    repeated: bool = False
    """Whether the decision had been made before, and nothing was changed now."""
    skipped: tuple[str, ...] = ()
    """Versions that a rollback passed over because their model is lost."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        own = {"repeated": self.repeated, "skipped": list(self.skipped)}
        return self.decision.to_dict() | {"production_version": self.production_version} | own


@dataclass(frozen=True)
class Decisions:
    """The decisions on one registered model.

    All methods raise `DatabaseUnavailableError` if Postgres and `ModelUnavailableError` if MLflow cannot be reached, and
    `SettingsError` if nobody or no reason is named. With ``expected_production`` a caller says which version was in
    production when the person looked: if another is now, the decision is refused. Without it, the version at the moment of
    the call is meant.
    """

    registry: ModelRegistry
    engine: Engine

    def promote(
        self, version: str, by: str, why: str, source: Source = "command", expected_production: str | None = None
    ) -> DecisionResult:
        """Put a version into production; one that is there already stays.

        A person may promote what the gate stopped.

        Raises
        ------
        RegistryConflictError
            If the version is missing, was rejected, or does not hold each persona once; if another version went into
            production meanwhile; if a button or the pipeline promotes what has been in production already and left it.
        ModelBrokenError
            If the version's model is lost.
        """
        expected = self._begin(expected_production, VERSION=version, BY=by, WHY=why)
        with self._locked() as (connection, seen):
            production, record = seen.production, seen.record
            if production == version:
                return DecisionResult(_reason_in_production(record, version), production, repeated=True)
            found = seen.version(version)
            command = self.registry.command
            check_may_be_promoted(found, self.registry.catalogue, source, record, command)
            check_rests_on(found, seen.catalogue_version, command)
            check_still_in_production(expected, production, record, command)
            self.registry.load(version)
            return self._carry_out(
                connection, self._decision("promoted", version, production, by=by, why=why, source=source)
            )

    def adopt(self, by: str, why: str, reference: Measure | None = None) -> DecisionResult:
        """Register the edited catalogue as a new version and put it into production.

        Interrupted in between, it goes on with the version that it had registered when it is called again.

        Parameters
        ----------
        by, why : str
            Who decides, and the reason.
        reference : callable, optional
            Measures the reference of the new version; see `dtc_model.registry.ModelRegistry.ensure_catalogue_in_production`.

        Raises
        ------
        RegistryConflictError
            If nothing was edited, or the edit changed what no version can: features, or a segment that is gone.
        """
        expected = self._begin(None, BY=by, WHY=why)
        with self._locked() as (connection, seen):
            production, record = seen.production, seen.record
            rests_on = seen.catalogue_version
            if rests_on is not None and production is not None and not self.registry.catalogue_edits():
                if production == rests_on and (last := record.last_on(production)) is not None:
                    return DecisionResult(last, production, repeated=True)
                raise RegistryConflictError(
                    f"there is nothing to adopt: the catalogue {self.registry.catalogue.name!r} is as version {rests_on} of "
                    f"{self.registry.name!r} has it, on which production rests{self._how_to_measure(reference)}"
                )
            check_still_in_production(expected, production, record, self.registry.command)
            version = self.registry.register_catalogue(
                f"the catalogue, adopted by {plain(by)}: {plain(why)}", reference
            )
            return self._carry_out(
                connection, self._decision("promoted", version, production, by=by, why=why, source="command")
            )

    def _how_to_measure(self, reference: Measure | None) -> str:
        if reference is None or self.registry.reference_wave() is not None:
            return ""
        return f". To add its reference wave: `{self.registry.command('init REFERENCE=…')}`"

    def reject(self, version: str, by: str, why: str, source: Source = "command") -> DecisionResult:
        """Refuse a candidate for good: nobody can promote it afterwards.

        Raises
        ------
        RegistryConflictError
            If the version is missing, is the catalogue, or is or was in production.
        """
        self._begin(None, VERSION=version, BY=by, WHY=why)
        with self._locked() as (connection, seen):
            production, earlier = seen.production, seen.record.last_on(version)
            found = seen.version(version)
            if earlier is not None and earlier.action == "rejected":
                return DecisionResult(earlier, production, repeated=True)
            check_may_be_rejected(found, seen.record, self.registry.command)
            decision = self._decision("rejected", version, production, by=by, why=why, source=source)
            self.registry.tag(version, LAST_DECISION, decision.to_json())
            append_decision(connection, decision)
            return DecisionResult(decision, production)

    def rollback(
        self,
        by: str,
        why: str,
        source: Source = "command",
        expected_production: str | None = None,
        expected_target: str | None = None,
    ) -> DecisionResult:
        """Bring back the version that was in production before. Repeated, it goes further back, as an undo does.

        A version whose model is lost is passed over. Who was asked about one version says so with ``expected_target``, and
        gets no other one.

        Raises
        ------
        RegistryConflictError
            If nothing was in production before, another version went into production meanwhile, or another one than
            expected would come back.
        """
        expected = self._begin(expected_production, BY=by, WHY=why)
        with self._locked() as (connection, seen):
            production, record = seen.production, seen.record
            if (last := record.last) is not None and is_repeated_rollback(last, record, by, why, expected):
                return DecisionResult(last, production, repeated=True)
            check_still_in_production(expected, production, record, self.registry.command)
            target, skipped = self._version_before(record)
            if expected_target not in {None, target}:
                raise RegistryConflictError(
                    f"version {expected_target} cannot come back, because its model is lost: the way back leads to version "
                    f"{target}. Ask for the rollback again"
                )
            decision = self._decision("rolled_back", target, production, by=by, why=why, source=source)
            return self._carry_out(connection, decision, skipped)

    def version_before(self) -> tuple[str, tuple[str, ...]]:
        """Return the version that a rollback would bring back, and those that it would pass over; errors as `rollback`."""
        return self._version_before(self.snapshot().record)

    def snapshot(self) -> Snapshot:
        """Return record, versions and production as they are now; what is decided on them is checked again under the lock."""
        with self._locked() as (_, seen):
            return seen

    def history(self) -> tuple[Decision, ...]:
        """Return all decisions, the oldest first."""
        return self.snapshot().record.decisions

    def stale_waves(self) -> list[Wave]:
        """List the waves in the respondent table that carry labels of another version than the one in production."""
        production = self.registry.production_or_none()
        if production is None:
            return []
        with transaction(self.engine) as connection:
            return UnitTable(self.registry.catalogue).waves_labelled_by_others(connection, production)

    @contextmanager
    def _locked(self) -> Iterator[tuple[Connection, Snapshot]]:
        with transaction(self.engine) as connection:
            lock_decisions(connection, self.registry.name)
            yield connection, take_snapshot(connection, self.registry)

    def _begin(self, expected_production: str | None, **said: str) -> str | None:
        check_all_said(**said)
        return expected_production or self.registry.production_or_none()

    def _decision(self, action: Action, version: str, previous: str | None, **said: Any) -> Decision:
        name = self.registry.name
        return Decision.now(action, model_name=name, version=version, previous_version=previous, **said)

    def _carry_out(self, connection: Connection, decision: Decision, skipped: tuple[str, ...] = ()) -> DecisionResult:
        """Move the alias; see the module for the order."""
        self.registry.tag(decision.version, LAST_DECISION, decision.to_json())
        self.registry.move_production(decision.version)
        try:
            mark_promoted(self.registry, decision)
            append_decision(connection, decision)
        except (DtcError, SQLAlchemyError):
            _log.warning(f"the decision counts: {decision}. The next look into the record completes it")
            raise
        return DecisionResult(decision, decision.version, skipped=skipped)

    def _version_before(self, record: Record) -> tuple[str, tuple[str, ...]]:
        skipped: list[str] = []
        for version in reversed(record.way[:-1]):
            try:
                self.registry.load(version)
            except ModelBrokenError:
                skipped.append(version)
            else:
                return version, tuple(skipped)
        lost = f"; the models of version {' and '.join(skipped)} are lost" if skipped else ""
        raise RegistryConflictError(
            f"there is no version of {self.registry.name!r} to go back to: the record names none that was in production "
            f"before{lost}. `{self.registry.command('versions')}` lists all; promote one of them"
        )


def _reason_in_production(record: Record, version: str) -> Decision:
    if (found := record.last_on(version)) is None:
        raise RegistryConflictError(f"version {version} is in production already")
    return found
