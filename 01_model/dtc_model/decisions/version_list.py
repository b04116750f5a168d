"""Versions with what the gate found and who decided what, for people to read."""

from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from dtc_model.decisions.decisions import Decisions

_TOLD_OF_PASSED = ("moved", "relabelled_share")
"""Findings that are told of a version that the gate passed; of the first the largest."""


def list_versions(decisions: Decisions) -> list[dict[str, Any]]:
    """Return all versions, oldest first, each with its ``state`` and the ``decisions`` that touched it.

    A rollback touches two versions: the one that it brought back, and the one that was in production until then.
    """
    history = decisions.history()
    production = decisions.registry.production_or_none()
    listed = []
    for found in decisions.registry.versions():
        number = found["version"]
        own = [decision for decision in history if number in {decision.version, decision.left}]
        words = [
            decision.to_dict() | {"words": decision.about_left if decision.left == number else str(decision)}
            for decision in own
        ]
        rejected = bool(own) and own[-1].action == "rejected"
        state = "was in production" if found["promoted"] else "rejected" if rejected else "candidate"
        listed.append(found | {"state": "production" if number == production else state, "decisions": words})
    return listed


def waiting_versions(decisions: Decisions) -> list[dict[str, Any]]:
    """Return the candidates that wait for a person, oldest first, as `list_versions` gives them.

    No decision counts on them yet; a tag alone may be left of one that was interrupted.
    """
    return [found for found in list_versions(decisions) if found["state"] == "candidate" and found.get("promotable")]


def print_versions(listed: list[dict[str, Any]], name: str, console: Console, command: Callable[[str], str]) -> None:
    """Print a line for each version: the last decision that touched it, and in short what the gate found."""
    table = Table("version", "state", "k", "made from", "gate", "last decision", title=name)
    for found in listed:
        decided = found["decisions"][-1]["words"] if found["decisions"] else ""
        table.add_row(found["version"], found["state"], str(found.get("k", "")), _origin(found), _gate(found), decided)
    console.print(table, markup=False)
    console.print(f"All about one of them: {command('versions VERSION=…')}", markup=False)


def print_version(found: dict[str, Any], name: str, console: Console) -> None:
    """Print all that is known about one version."""
    lines = [
        f"Version {found['version']} of {name}: {found['state']}",
        f"k = {found.get('k', '?')}, from {_origin(found)}",
    ]
    if found.get("findings"):
        lines += ["", f"What the gate found against version {found['against_version']}", *_findings(found)]
    lines += ["", "Decisions", *(f"  {decision['words']}" for decision in found["decisions"])]
    console.print("\n".join(lines if found["decisions"] else [*lines, "  none"]), markup=False, soft_wrap=True)


def _findings(found: dict[str, Any]) -> Iterator[str]:
    for finding in found["findings"]:
        yield f"  {'passed' if finding['passed'] else 'STOPS '}  {finding['words']}"


def _origin(found: dict[str, Any]) -> str:
    return f"wave {found['training_wave']}" if "training_wave" in found else found.get("source", "")


def _gate(found: dict[str, Any]) -> str:
    """Say in a line what the gate found."""
    findings = found.get("findings", [])
    if not findings:
        return ""
    if failed := [finding["words"] for finding in findings if not finding["passed"]]:
        return f"stopped it: {failed[0]}" + (f"; and {len(failed) - 1} more" if len(failed) > 1 else "")
    told = [max(kind, key=lambda finding: finding["value"])["words"] for kind in _kinds(findings) if kind]
    return f"passed: {'; '.join(told)}"


def _kinds(findings: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for name in _TOLD_OF_PASSED:
        yield [finding for finding in findings if finding["name"] == name]
