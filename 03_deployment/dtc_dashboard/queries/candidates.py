"""The versions of a segmentation's model for somebody who decides on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from dtc_data.catalogue import Segmentation
from dtc_model.decisions import Decision, DecisionResult, list_versions, stale_labels
from dtc_model.errors import RegistryConflictError

from dtc_dashboard.queries.sources import Sources

SOURCE: Final = "dashboard"
"""Where a decision came from, as it is recorded."""

Act = Literal["promote", "reject", "rollback"]


@dataclass(frozen=True)
class Versions:
    """All versions and all decisions, as they are now."""

    production: str | None
    listed: tuple[Mapping[str, Any], ...]
    """As `dtc_model.decisions.list_versions` gives them, the newest first."""
    history: tuple[Decision, ...]
    """The newest first."""
    way_back: str | None
    """The version that a rollback would bring back; None if there is none."""

    @property
    def waiting(self) -> tuple[Mapping[str, Any], ...]:
        """The candidates that a person may put into production."""
        return tuple(one for one in self.listed if one["state"] == "candidate" and one.get("promotable"))


@dataclass(frozen=True)
class Done:
    """What came of a decision."""

    result: DecisionResult
    advice: str
    """Which waves still carry labels of another version, and the commands that label them."""


def versions_of(sources: Sources, segmentation: Segmentation) -> Versions:
    """Return the versions and decisions of a segmentation's model.

    Raises
    ------
    DatabaseUnavailableError, ModelUnavailableError
        If Postgres or the registry cannot be reached.
    """
    decisions = sources.decisions(segmentation)
    listed = list_versions(decisions)
    production = next((one["version"] for one in listed if one["state"] == "production"), None)
    try:
        back, _ = decisions.version_before()
    except RegistryConflictError:
        back = None
    return Versions(production, tuple(listed[::-1]), decisions.history()[::-1], back)


def decide(  # noqa: PLR0913 - what a person says when deciding
    sources: Sources,
    segmentation: Segmentation,
    act: Act,
    *,
    version: str,
    by: str,
    why: str,
    expected_production: str | None,
) -> Done:
    """Have a decision made, by the rules and into the record of commands and bot.

    Raises
    ------
    RegistryConflictError
        If it may not be made, or another version went into production since the person looked.
    SettingsError
        If nobody or no reason is named.
    DatabaseUnavailableError, ModelUnavailableError
        If Postgres or the registry cannot be reached.
    """
    decisions = sources.decisions(segmentation)
    if act == "promote":
        result = decisions.promote(version, by, why, SOURCE, expected_production)
    elif act == "reject":
        result = decisions.reject(version, by, why, SOURCE)
    else:
        result = decisions.rollback(by, why, SOURCE, expected_production, version)
    advice = "" if act == "reject" else stale_labels(decisions.stale_waves, segmentation.command)
    return Done(result, advice)
