"""What the job on who leaves found, and how people see it."""

from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console
from rich.table import Table

SETTLED: Final = frozenset({"in_production", "replaced", "rejected"})
"""Decisions after which there is nothing to decide."""


@dataclass
class ChurnOutcome:
    """All that the summary shows."""

    trained_at: str = ""
    candidate: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    production: str = ""
    accounts: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    to_call: int = 0
    files: list[str] = field(default_factory=list)


def decided(decision: dict[str, Any]) -> str:
    """Say what became of a training."""
    done = (
        "went into production"
        if decision["promoted"]
        else "stays as it is" if decision["decision"] in SETTLED else "waits"
    )
    return f"Version {decision['version']} {done}: {decision['reason'].rstrip('.')}."


def show(outcome: ChurnOutcome, console: Console, page: str) -> None:
    """Print what people compare; the page is that of MLflow."""
    _show_beside(outcome, console)
    table = Table("cutoff", "customers", "forecast by", "left", "AUC", "promised", "lift", "came out")
    for account in outcome.accounts:
        table.add_row(
            account["cutoff"],
            f"{account['customers']:,}",
            f"version {account['version']}",
            f"{account['base_rate']:.1%}",
            f"{account['auc']:.3f}",
            f"{account['promised_auc']:.3f}" if account["promised_auc"] else "",
            f"{account['lift_10']:.1f}",
            account["status"],
        )
    console.print(table)
    for decision in outcome.decisions:
        console.print(decided(decision))
    console.print(f"{outcome.to_call} customers to call: {', '.join(outcome.files)}")
    console.print(f"Trainings and their reports: {page}")


def _show_beside(outcome: ChurnOutcome, console: Console) -> None:
    """Print how values and next segments came out."""
    table = Table("cutoff", "value: forecast / true total", "rank correlation", "segment: right", "if everybody stayed")
    for account in outcome.accounts:
        value, segments = account.get("value"), account.get("segments")
        table.add_row(
            account["cutoff"],
            f"{value['total_ratio']:.2f}" if value else "",
            f"{value['spearman']:.2f}" if value else "",
            f"{segments['forecast']['accuracy']:.1%}" if segments else "",
            f"{segments['stays']['accuracy']:.1%}" if segments else "",
        )
    console.print(table)
