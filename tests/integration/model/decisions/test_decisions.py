"""Promote, reject and roll back on a real registry and a real Postgres."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import structlog
from dtc_data.core import DatabaseUnavailableError, SettingsError
from dtc_model.decisions import Decisions
from dtc_model.decisions import decisions as module
from dtc_model.decisions.decisions import DecisionResult
from dtc_model.errors import RegistryConflictError
from dtc_model.registry import ModelRegistry
from fakes.at_once import at_once
from mlflow import MlflowClient
from sqlalchemy import Connection

pytestmark = pytest.mark.integration

Register = Callable[..., str]


class Killed(BaseException):
    """Stands for a process that ends here."""


@dataclass(frozen=True)
class Step:
    """A step of a promotion, before or after which the process ends."""

    owner: Any
    name: str
    after: bool

    def kill_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = getattr(self.owner, self.name)

        def killed(*args: Any) -> None:
            if self.after:
                real(*args)
            raise Killed

        monkeypatch.setattr(self.owner, self.name, killed)

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.name}"


def actions(decisions: Decisions) -> list[tuple[str, str, str | None]]:
    return [(found.action, found.version, found.previous_version) for found in decisions.history()]


def test_who_when_and_why_stand_in_the_registry_and_in_postgres(decisions: Decisions, register: Register) -> None:
    version = register()
    made = decisions.promote(version, " Ada ", "the personas hold").decision
    assert (made.by, made.why, made.source, made.previous_version) == ("Ada", "the personas hold", "command", "1")
    assert decisions.registry.version(version)["last_decision"] == made.to_dict()
    assert decisions.history() == (made,)
    assert decisions.registry.production_version() == version


def test_a_name_that_cannot_be_recorded_as_it_is_blocks_no_decision(decisions: Decisions, register: Register) -> None:
    version, name = register(), "Ada\x00 \ud800\u202e\x1b[2J\nwas here"
    made = decisions.promote(version, name, "caf\udce9 \t ok").decision
    assert (made.by, made.why) == ("Ada [2J was here", "caf ok")
    assert decisions.history() == (made,)
    assert decisions.rollback(name, "back").production_version == "1"


def test_the_same_decision_again_changes_nothing_and_says_so(decisions: Decisions, register: Register) -> None:
    version = register()
    first = decisions.promote(version, "Ada", "once")
    again = decisions.promote(version, "Bob", "twice", expected_production="1")
    assert (first.repeated, again.repeated, again.decision) == (False, True, first.decision)
    assert len(decisions.history()) == 1


def test_of_two_promotions_at_once_one_wins_and_the_other_is_told(
    decisions: Decisions, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = [register(seed=seed) for seed in (5977, 1)]
    move = ModelRegistry.move_production

    def slowly(registry: ModelRegistry, version: str) -> None:
        time.sleep(0.5)
        move(registry, version)

    monkeypatch.setattr(ModelRegistry, "move_production", slowly)

    def attempt(version: str) -> DecisionResult | RegistryConflictError:
        try:
            return decisions.promote(version, "Ada", "at once", expected_production="1")
        except RegistryConflictError as conflict:
            return conflict

    results = at_once(partial(attempt, version) for version in versions)
    (winner,) = (result for result in results if isinstance(result, DecisionResult))
    (loser,) = (result for result in results if isinstance(result, RegistryConflictError))
    assert decisions.registry.production_version() == winner.production_version
    assert "decide again" in str(loser)
    assert f"version {winner.production_version} was put into production by Ada" in str(loser)
    assert [found.version for found in decisions.history()] == [winner.production_version]


def test_the_same_promotion_twice_at_once_is_one_decision(decisions: Decisions, register: Register) -> None:
    version = register()
    results = at_once(partial(decisions.promote, version, by, "pressed") for by in ("Ada", "Bob", "Cleo", "Dan"))
    assert sorted(result.repeated for result in results) == [False, True, True, True]
    assert len(decisions.history()) == 1


IN_ORDER = [
    Step(owner, name, after=after)
    for owner, name in (
        (ModelRegistry, "tag"),
        (ModelRegistry, "move_production"),
        (module, "mark_promoted"),
        (module, "append_decision"),
    )
    for after in (False, True)
]
COUNTS_FROM = 3
"""From this step on, which is after the alias has moved, the decision counts."""


@pytest.mark.parametrize("number", range(len(IN_ORDER)), ids=lambda number: str(IN_ORDER[number]))
def test_killed_at_any_step_production_is_as_it_was_or_the_decision_is_completed(
    decisions: Decisions, register: Register, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    version = register()
    with monkeypatch.context() as patched:
        IN_ORDER[number].kill_here(patched)
        with pytest.raises(Killed):
            decisions.promote(version, "Ada", "the personas hold")
    counts = number >= COUNTS_FROM
    assert decisions.registry.production_version() == (version if counts else "1")
    assert actions(decisions) == ([("promoted", version, "1")] if counts else [])
    assert decisions.promote(version, "Ada", "the personas hold").repeated is counts
    assert actions(decisions) == [("promoted", version, "1")]
    assert decisions.history()[0].by == "Ada"
    assert decisions.registry.version(version)["promoted"] is True


def test_who_decides_hears_that_it_counts_although_the_record_could_not_be_written(
    decisions: Decisions, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = register()

    def cut_off(connection: Connection, _: object) -> None:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patched, structlog.testing.capture_logs() as logs:
        patched.setattr(module, "append_decision", cut_off)
        with pytest.raises(DatabaseUnavailableError, match="Postgres at "):
            decisions.promote(version, "Ada", "yes")
    (told,) = [entry["event"] for entry in logs if "counts" in entry["event"]]
    assert f"version {version} was put into production by Ada" in told
    assert actions(decisions) == [("promoted", version, "1")]


@pytest.mark.parametrize("step", [IN_ORDER[2], IN_ORDER[6]], ids=str)
def test_a_rollback_that_was_interrupted_is_completed_and_not_made_twice(
    decisions: Decisions, register: Register, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    for seed in (5977, 1):
        decisions.promote(register(seed=seed), "Ada", "better")
    with monkeypatch.context() as patched:
        step.kill_here(patched)
        with pytest.raises(Killed):
            decisions.rollback("Ada", "complaints")
    assert decisions.rollback("Ada", "complaints").production_version == "2"
    assert actions(decisions)[2:] == [("rolled_back", "2", "3")]


def test_a_rejection_that_was_interrupted_counts(
    decisions: Decisions, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = register()
    with monkeypatch.context() as patched:
        IN_ORDER[6].kill_here(patched)
        with pytest.raises(Killed):
            decisions.reject(version, "Ada", "Steve is gone")
    with pytest.raises(RegistryConflictError, match=r"rejected by Ada .*Steve is gone"):
        decisions.promote(version, "Bob", "pressed late")
    assert actions(decisions) == [("rejected", version, "1")]


def test_rolling_back_again_goes_further_back_until_nothing_is_left(decisions: Decisions, register: Register) -> None:
    for seed in (5977, 1):
        decisions.promote(register(seed=seed), "Ada", "better")
    assert [decisions.rollback("Ada", f"undo {turn}").production_version for turn in (1, 2)] == ["2", "1"]
    with pytest.raises(RegistryConflictError, match=r"no version .* to go back to"):
        decisions.rollback("Ada", "undo 3")
    decisions.promote("3", "Ada", "was better after all")
    assert decisions.rollback("Ada", "no").production_version == "1"


def test_a_rollback_button_pressed_twice_rolls_back_once(decisions: Decisions, register: Register) -> None:
    for seed in (5977, 1):
        decisions.promote(register(seed=seed), "Ada", "better")
    results = [decisions.rollback("Ada", "complaints", "telegram", expected_production="3") for _ in range(2)]
    assert [(found.production_version, found.repeated) for found in results] == [("2", False), ("2", True)]
    with pytest.raises(RegistryConflictError, match="decide again"):
        decisions.rollback("Bob", "complaints", "telegram", expected_production="3")


def test_a_rollback_passes_over_a_version_whose_model_is_lost(
    decisions: Decisions, register: Register, client: MlflowClient
) -> None:
    for seed in (5977, 1):
        decisions.promote(register(seed=seed), "Ada", "better")
    source = client.get_model_version(decisions.registry.name, "2").source
    client.delete_logged_model(source.removeprefix("models:/"))
    client.delete_model_version(decisions.registry.name, "2")
    assert decisions.version_before() == ("1", ("2",))
    with pytest.raises(RegistryConflictError, match="version 2 cannot come back"):
        decisions.rollback("Ada", "asked about 2", "telegram", expected_target="2")
    assert decisions.registry.production_version() == "3"
    result = decisions.rollback("Ada", "complaints", expected_target="1")
    assert (result.production_version, result.skipped) == ("1", ("2",))


def test_a_rejected_candidate_is_never_promoted_and_a_served_version_never_rejected(
    decisions: Decisions, register: Register
) -> None:
    rejected, served = register(), register(seed=1)
    decisions.reject(rejected, "Ada", "no")
    assert decisions.reject(rejected, "Bob", "no, too").repeated
    for source in ("command", "telegram", "auto"):
        with pytest.raises(RegistryConflictError, match="That is final"):
            decisions.promote(rejected, "Bob", "yes", source)
    decisions.promote(served, "Ada", "yes")
    for version in ("1", served):
        with pytest.raises(RegistryConflictError, match="is or was in production"):
            decisions.reject(version, "Bob", "no")
    assert decisions.registry.production_version() == served


def test_an_outdated_button_brings_no_version_back_that_was_rolled_back(
    decisions: Decisions, register: Register
) -> None:
    version = register()
    decisions.promote(version, "Ada", "yes", "telegram", expected_production="1")
    decisions.rollback("Bob", "complaints")
    with pytest.raises(RegistryConflictError, match="make promote VERSION=2"):
        decisions.promote(version, "Ada", "yes", "telegram", expected_production="1")
    assert decisions.promote(version, "Ada", "on second thoughts").production_version == version


def test_a_version_without_a_cluster_for_each_segment_is_refused_whoever_asks(
    decisions: Decisions, register: Register
) -> None:
    version = register(k=2)
    with pytest.raises(RegistryConflictError, match=r"2 clusters.*3 personas.*without a cluster: .*nobody can promote"):
        decisions.promote(version, "Ada", "I want it")
    assert decisions.registry.production_version() == "1"


def test_an_alias_that_was_moved_in_mlflow_is_recorded_and_rolled_back_from(
    decisions: Decisions, register: Register, client: MlflowClient
) -> None:
    first, second = register(), register(seed=1)
    decisions.promote(first, "Ada", "yes")
    client.set_registered_model_alias(decisions.registry.name, "production", second)
    assert actions(decisions) == [("promoted", first, "1"), ("promoted", second, first)]
    assert decisions.history()[-1].source == "elsewhere"
    assert decisions.rollback("Ada", "who did that?").production_version == first


@pytest.mark.parametrize(("by", "why", "missing"), [("", "x", "BY"), ("Ada", "  ", "WHY")])
def test_nothing_is_decided_without_a_name_and_a_reason(decisions: Decisions, by: str, why: str, missing: str) -> None:
    with pytest.raises(SettingsError, match=f"{missing} is empty"):
        decisions.promote("2", by, why)


def test_a_version_that_is_not_there_is_named(decisions: Decisions, register: Register) -> None:
    register()
    with pytest.raises(RegistryConflictError, match="no version '9'"):
        decisions.promote("9", "Ada", "yes")
