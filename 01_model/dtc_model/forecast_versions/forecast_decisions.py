"""Which version of a forecast is in production: decided by the gate or by people, in the same record as decisions on segments."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from dtc_data.core import read_settings
from dtc_data.tables import transaction
from sqlalchemy import Connection, Engine, func, select

from dtc_model.decisions import (
    GATE_FAILED,
    PROMOTED,
    REJECTED,
    REPLACED,
    UNCHANGED,
    WAITS,
    Decision,
    Snapshot,
    Source,
    append_decision,
    check_all_said,
    lock_decisions,
    mark_promoted,
    take_snapshot,
)
from dtc_model.errors import RegistryConflictError
from dtc_model.forecast_versions.forecast_registry import AGAINST, ForecastRegistry
from dtc_model.forecasts import ForecastConfig, JudgedTraining
from dtc_model.registry import GATE, LAST_DECISION
from dtc_model.settings import PromotionSettings

PIPELINE: Final = "pipeline"
"""Who promotes what passed the gate."""
_REGISTERING: Final = "register a forecast"


@dataclass(frozen=True)
class ForecastOutcome:
    """What became of a version."""

    version: str
    decision: str
    """One of `dtc_model.decisions`' codes: promoted, gate_failed, waits_for_approval, rejected, replaced, in_production."""
    reason: str
    production_version: str | None
    """The version in production now."""

    @property
    def promoted(self) -> bool:
        """Whether it went into production."""
        return self.decision == PROMOTED

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self) | {"promoted": self.promoted}


@dataclass(frozen=True)
class ForecastDecisions:
    """The decisions on the versions of one registered forecast; errors as of `dtc_model.decisions.Decisions`."""

    registry: ForecastRegistry
    engine: Engine

    def register(
        self, judged: JudgedTraining, config: ForecastConfig, wave: str, against: str | None
    ) -> tuple[str, bool]:
        """Register a training as `ForecastRegistry.register` does; of two that register the same at once the second finds it done."""
        with transaction(self.engine) as connection:
            lock = func.pg_advisory_xact_lock(func.hashtext(_REGISTERING), func.hashtext(self.registry.name))
            connection.execute(select(lock))
            return self.registry.register(judged.training, config, judged.findings, wave, against)

    def settle(self, version: str) -> ForecastOutcome:
        """Put a version into production if the gate lets it pass and PROMOTION leaves that to the pipeline.

        It may be repeated, and goes on where it was interrupted: what was decided once holds.

        Raises
        ------
        RegistryConflictError
            If there is no such version.
        """
        with self._locked() as (connection, seen):
            decision, reason = self._judge(version, seen)
            if decision == PROMOTED:
                self._carry_out(connection, self._promotion(version, seen, by=PIPELINE, why=reason, source="auto"))
                return ForecastOutcome(version, decision, reason, version)
            return ForecastOutcome(version, decision, reason, seen.production)

    def promote(self, version: str, by: str, why: str, source: Source = "command") -> Decision:
        """Put a version into production because a person says so, also what the gate stopped or what was there before.

        Raises
        ------
        RegistryConflictError
            If there is no such version, or a person rejected it.
        """
        check_all_said(VERSION=version, BY=by, WHY=why)
        with self._locked() as (connection, seen):
            seen.version(version)
            earlier = seen.record.last_on(version)
            if seen.production == version and earlier is not None:
                return earlier
            if earlier is not None and earlier.action == "rejected":
                raise RegistryConflictError(f"{earlier}. That is final: retrain to get a new candidate")
            decision = self._promotion(version, seen, by=by, why=why, source=source)
            self._carry_out(connection, decision)
            return decision

    def reject(self, version: str, by: str, why: str, source: Source = "command") -> Decision:
        """Refuse a version for good.

        Raises
        ------
        RegistryConflictError
            If there is no such version, or it is or was in production.
        """
        check_all_said(VERSION=version, BY=by, WHY=why)
        with self._locked() as (connection, seen):
            found, earlier = seen.version(version), seen.record.last_on(version)
            if earlier is not None and earlier.action == "rejected":
                return earlier
            if found["promoted"] or earlier is not None:
                raise RegistryConflictError(
                    f"version {version} cannot be rejected: it is or was in production. Promote another one instead"
                )
            decision = Decision.now(
                "rejected",
                model_name=self.registry.name,
                version=version,
                previous_version=seen.production,
                by=by,
                why=why,
                source=source,
            )
            self.registry.tag(version, LAST_DECISION, decision.to_json())
            append_decision(connection, decision)
            return decision

    def history(self) -> tuple[Decision, ...]:
        """Return all decisions, the oldest first."""
        with self._locked() as (_, seen):
            return seen.record.decisions

    def _judge(self, version: str, seen: Snapshot) -> tuple[str, str]:
        found, earlier = seen.version(version), seen.record.last_on(version)
        if seen.production == version:
            return UNCHANGED, f"version {version} is in production already: nothing to decide"
        if earlier is not None:
            return (REJECTED if earlier.action == "rejected" else REPLACED), f"decided before: {earlier}"
        if objections := [one["words"].rstrip(".") for one in found[GATE] if not one["passes"]]:
            return GATE_FAILED, f"the gate stopped it, and a person must decide: {'; '.join(objections)}"
        if found[AGAINST] != (seen.production or ""):
            return WAITS, (
                f"the gate compared it with version {found[AGAINST] or 'none'}, and version {seen.production} went into production meanwhile: "
                "a person must decide, or retrain"
            )
        passed = "; ".join(one["words"].rstrip(".") for one in found[GATE])
        if read_settings(PromotionSettings).promotion == "approve":
            return (
                WAITS,
                f"the gate lets it pass ({passed}); a person must decide, because PROMOTION is approve",
            )
        return PROMOTED, f"the gate lets it pass: {passed}"

    def _promotion(self, version: str, seen: Snapshot, **said: Any) -> Decision:
        return Decision.now(
            "promoted", model_name=self.registry.name, version=version, previous_version=seen.production, **said
        )

    def _carry_out(self, connection: Connection, decision: Decision) -> None:
        """Move the alias, in the order that `dtc_model.decisions.Decisions` explains."""
        self.registry.tag(decision.version, LAST_DECISION, decision.to_json())
        self.registry.move_production(decision.version)
        mark_promoted(self.registry, decision)
        append_decision(connection, decision)

    @contextmanager
    def _locked(self) -> Iterator[tuple[Connection, Snapshot]]:
        with transaction(self.engine) as connection:
            lock_decisions(connection, self.registry.name)
            yield connection, take_snapshot(connection, self.registry)
