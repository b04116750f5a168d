"""What the bot answers about one segmentation: it asks the registry, has decisions made, and puts into words what happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from dtc_data.core import Wave
from dtc_model.decisions import Decision, stale_labels, way_back
from dtc_model.errors import NoProductionVersionError
from telegram import InlineKeyboardMarkup

from dtc_monitoring.alerts import Action, Press, model_key, rollback_buttons

SOURCE: Final = "telegram"
"""Where a decision came from, as it is recorded."""
LISTED_VERSIONS: Final = 10
"""Most versions that are listed."""


class Registry(Protocol):
    """What the bot asks the registry, see `dtc_model.registry.registry.ModelRegistry`."""

    @property
    def name(self) -> str:
        """Name of the registered model."""

    def production_version(self) -> str:
        """Return the version in production."""

    def versions(self) -> list[dict[str, Any]]:
        """Return what is known about each version, oldest first."""


class Decided(Protocol):
    """What came of a decision."""

    @property
    def decision(self) -> object:
        """The decision, as text: who decided what, when and why."""

    @property
    def production_version(self) -> str | None:
        """The version in production afterwards."""

    @property
    def repeated(self) -> bool:
        """Whether the decision had been made before, and nothing was changed now."""


class Decides(Protocol):
    """Who makes decisions, records them, and refuses those that no longer hold, see `dtc_model.decisions.decisions.Decisions`."""

    def promote(
        self, version: str, by: str, why: str, source: Literal["telegram"], expected_production: str | None = None
    ) -> Decided:
        """Put a version into production."""

    def reject(self, version: str, by: str, why: str, source: Literal["telegram"]) -> Decided:
        """Refuse a candidate for good."""

    def rollback(
        self,
        by: str,
        why: str,
        source: Literal["telegram"],
        expected_production: str | None = None,
        expected_target: str | None = None,
    ) -> Decided:
        """Bring back the version that was in production before."""

    def version_before(self) -> tuple[str, Sequence[str]]:
        """Return the version that a rollback would bring back, and those that it would pass over."""

    def history(self) -> Sequence[Decision]:
        """Return all decisions, the oldest first."""

    def stale_waves(self) -> Sequence[Wave]:
        """List the waves with labels of another version than the one in production."""


@dataclass(frozen=True)
class Reply:
    """What the chat reads."""

    text: str
    buttons: InlineKeyboardMarkup | None = None
    settled: bool = False
    """Whether the pressed buttons have done their duty and can go."""


@dataclass(frozen=True)
class Counter:
    """Answers for one segmentation. What its registry or database raises is put into words by the desk."""

    name: str
    """Name of the segmentation, as commands take it."""
    title: str
    """What people call it."""
    registry: Registry
    decisions: Decides
    command: Callable[[str], str] = "make {}".format
    """Writes a make command for it, see `dtc_data.catalogue.Segmentation.command`."""

    def knows(self, press: Press) -> bool:
        """Tell whether a button belongs to this segmentation's model."""
        return press.model_key == model_key(self.registry.name)

    def decide(self, press: Press, by: str) -> Reply:
        """Do what a pressed button says, on behalf of somebody."""
        if press.action is Action.CANCEL:
            return Reply(f"Left as it is. {by} did not roll back.", settled=True)
        why, expected = f"pressed {press.action} in Telegram", press.expected_production
        if press.action is Action.APPROVE:
            result = self.decisions.promote(press.version, by, why, SOURCE, expected_production=expected)
        elif press.action is Action.REJECT:
            result = self.decisions.reject(press.version, by, why, SOURCE)
        else:
            result = self.decisions.rollback(
                by, why, SOURCE, expected_production=expected, expected_target=press.version
            )
        done = "That was decided before, nothing was changed" if result.repeated else "Done"
        now = f"Version {result.production_version} of {self.registry.name} is in production."
        advice = "" if press.action is Action.REJECT else stale_labels(self.decisions.stale_waves, self.command)
        return Reply("\n".join(filter(None, [f"{done}: {result.decision}.", now, advice])), settled=True)

    def status(self) -> str:
        """Say which version labels and what waits for a decision."""
        try:
            now = self.registry.production_version()
        except NoProductionVersionError:
            return f"No version of {self.registry.name} is in production."
        lines = [f"Version {now} of {self.registry.name} is in production."]
        lines += [f"Version {found['version']} waits for a decision: {_about(found)}" for found in self._waiting()]
        return "\n".join(lines if len(lines) > 1 else [*lines, "Nothing waits for a decision."])

    def versions(self) -> Reply:
        """List the latest versions."""
        now, versions = self.registry.production_version(), self.registry.versions()
        lines = [f"Versions of {self.registry.name}, newest first"]
        lines += [f"• {_state(found, now)}: {_about(found)}" for found in versions[::-1][:LISTED_VERSIONS]]
        older = len(versions) - LISTED_VERSIONS
        return Reply("\n".join([*lines, f"and {older} older ones"] if older > 0 else lines))

    def ask_rollback(self) -> Reply:
        """Ask whether the previous version should come back."""
        now = self.registry.production_version()
        way = way_back(self.decisions.history())
        if len(way) < 2 or way[-1] != now:  # noqa: PLR2004 - now, and one before
            return Reply(f"Version {now} is in production, and none was before: there is nothing to go back to.")
        before, lost = self.decisions.version_before()
        passed = f" Passed over, because the model is lost: version {', '.join(lost)}." if lost else ""
        question = f"Version {now} is in production.{passed} Shall version {before} take its place again?"
        return Reply(question, rollback_buttons(now, before, self.registry.name))

    def _waiting(self) -> list[dict[str, Any]]:
        """Return the candidates on which no decision counts; a tag alone may be left of one that was interrupted."""
        decided = {decision.version for decision in self.decisions.history()}
        return [
            found
            for found in self.registry.versions()
            if found.get("promotable") and not found.get("promoted") and found["version"] not in decided
        ]


def _state(found: Mapping[str, Any], now: str) -> str:
    return f"Version {found['version']}" + (", in production" if found["version"] == now else "")


def _about(found: Mapping[str, Any]) -> str:
    trained = f"trained on wave {found['training_wave']}; " if found.get("training_wave") else ""
    return f"{trained}{found.get('reason', 'no reason was recorded')}"
