"""A registry and its decisions in memory, for tests of the bot: production, candidates, and who decided what."""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from dtc_data.core import Wave
from dtc_model.decisions import Decision, way_back
from dtc_model.decisions.decision_table import Action
from dtc_model.errors import RegistryConflictError


@dataclass(frozen=True)
class FakeResult:
    """What came of a decision."""

    decision: Decision
    production_version: str | None
    repeated: bool = False


@dataclass
class FakeDecisions:
    """Version 1 is the catalogue, version 2 in production, version 3 a candidate that waits."""

    name: str = "persona_model"
    made: list[Decision] = field(default_factory=list)
    failure: Exception | None = None
    """Raised by every call from now on."""
    seconds: float = 0.0
    """How long a decision takes."""
    stale: list[Wave] = field(default_factory=list)
    """Waves with labels of another version than the one in production."""
    lost: set[str] = field(default_factory=set)
    """Versions of which the model is lost."""
    asked: int = 0
    """How many promotions were asked for."""

    def __post_init__(self) -> None:
        self._add("promoted", "2", "pipeline", "the gate found nothing against it", "auto", previous="1")

    @property
    def production(self) -> str:
        """The version in production."""
        return way_back(self.made)[-1]

    @property
    def by_people(self) -> list[tuple[str, str, str, str]]:
        """Decisions that people made, as action, version, by and source."""
        return [(made.action, made.version, made.by, made.source) for made in self.made if made.source != "auto"]

    def production_version(self) -> str:
        """Return the version in production, unless told to fail."""
        self._fail()
        return self.production

    def versions(self) -> list[dict[str, Any]]:
        """Return three versions."""
        self._fail()
        decided = {made.version: made.to_dict() for made in self.made}
        return [
            {
                "version": version,
                "promotable": True,
                "promoted": version == "1" or (version in decided and decided[version]["action"] != "rejected"),
                "training_wave": f"2025-0{version}",
                "reason": f"why {version}",
            }
            | ({"last_decision": decided[version]} if version in decided else {})
            for version in ("1", "2", "3")
        ]

    def promote(
        self, version: str, by: str, why: str, source: Literal["telegram"], expected_production: str | None = None
    ) -> FakeResult:
        """Put a version into production, as `dtc_model.decisions.decisions.Decisions` does."""
        self._fail()
        self.asked += 1
        time.sleep(self.seconds)
        if version == self.production:
            return FakeResult(self.made[-1], version, repeated=True)
        if any(made.version == version for made in self.made):
            raise RegistryConflictError(f"version {version} was decided already")
        self._check(expected_production)
        return self._add("promoted", version, by, why, source, previous=self.production)

    def reject(self, version: str, by: str, why: str, source: Literal["telegram"]) -> FakeResult:
        """Refuse a candidate."""
        self._fail()
        for made in self.made:
            if made.version == version:
                if made.action == "rejected":
                    return FakeResult(made, self.production, repeated=True)
                raise RegistryConflictError(f"version {version} is or was in production")
        return self._add("rejected", version, by, why, source, previous=self.production)

    def rollback(
        self,
        by: str,
        why: str,
        source: Literal["telegram"],
        expected_production: str | None = None,
        expected_target: str | None = None,
    ) -> FakeResult:
        """Bring back the version that was in production before."""
        self._fail()
        self._check(expected_production)
        target, _ = self.version_before()
        if expected_target not in {None, target}:
            raise RegistryConflictError(f"version {expected_target} cannot come back: ask for the rollback again")
        return self._add("rolled_back", target, by, why, source, previous=self.production)

    def version_before(self) -> tuple[str, tuple[str, ...]]:
        """Return the version that a rollback would bring back, and those of which the model is lost."""
        self._fail()
        way = way_back(self.made)[-2::-1]
        skipped = tuple(version for version in way if version in self.lost)
        return next(version for version in way if version not in self.lost), skipped

    def stale_waves(self) -> list[Wave]:
        """List the waves with labels of another version."""
        self._fail()
        return self.stale

    def history(self) -> tuple[Decision, ...]:
        """Return all decisions."""
        self._fail()
        return tuple(self.made)

    def _add(  # noqa: PLR0913 - a decision is what it is
        self, action: Action, version: str, by: str, why: str, source: Literal["telegram", "auto"], *, previous: str
    ) -> FakeResult:
        decision = Decision.now(
            action, model_name=self.name, version=version, previous_version=previous, by=by, why=why, source=source
        )
        self.made.append(decision)
        return FakeResult(decision, self.production)

    def _check(self, expected_production: str | None) -> None:
        if expected_production not in {None, self.production}:
            raise RegistryConflictError(
                f"version {expected_production} was in production when this was decided, and {self.production} is now"
            )

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
