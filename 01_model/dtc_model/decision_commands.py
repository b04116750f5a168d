"""The commands by which a person decides on versions: ``make versions``, ``promote``, ``reject`` and ``rollback``."""

import json
from typing import TYPE_CHECKING, Any

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.command_line import DtcCommand
from dtc_data.settings import CatalogueSettings, PostgresSettings, read_settings
from rich.console import Console
from rich.table import Table

from dtc_model.settings import MlflowSettings

if TYPE_CHECKING:
    from dtc_model.decisions import DecisionResult, Decisions

_by = click.option("--by", default="", help="Who decides.")
_why = click.option("--why", default="", help="The reason; it is recorded.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(cls=DtcCommand)
@_as_json
def versions(*, as_json: bool) -> None:
    """List the versions of the persona model, and who decided what on them."""
    decisions = _decisions()
    listed = _listed(decisions)
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    table = Table("version", "state", "k", "made from", "gate", "last decision", title=decisions.registry.name)
    for found in listed:
        decided = found["decisions"][-1]["words"] if found["decisions"] else ""
        gate = {True: "passed", False: "stopped it", None: ""}[found.get("gate_passed")]
        origin = f"wave {found['training_wave']}" if "training_wave" in found else found.get("source", "")
        table.add_row(found["version"], found["state"], str(found.get("k", "")), origin, gate, decided)
    Console(highlight=False).print(table, markup=False)


@click.command(cls=DtcCommand)
@click.argument("version")
@_by
@_why
@_as_json
def promote(version: str, by: str, why: str, *, as_json: bool) -> None:
    """Put VERSION into production."""
    _show(_decisions().promote(version, by, why), as_json=as_json)


@click.command(cls=DtcCommand)
@click.argument("version")
@_by
@_why
@_as_json
def reject(version: str, by: str, why: str, *, as_json: bool) -> None:
    """Refuse the candidate VERSION for good."""
    _show(_decisions().reject(version, by, why), as_json=as_json)


@click.command(cls=DtcCommand)
@_by
@_why
@_as_json
def rollback(by: str, why: str, *, as_json: bool) -> None:
    """Bring back the version that was in production before; repeated, it goes further back."""
    _show(_decisions().rollback(by, why), as_json=as_json)


def _decisions() -> "Decisions":
    # MLflow and SQLAlchemy take seconds to import; --help should not.
    from dtc_data.database import make_engine  # noqa: PLC0415

    from dtc_model.decisions import Decisions  # noqa: PLC0415
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415

    catalogue = load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    registry = ModelRegistry(read_settings(MlflowSettings).tracking_uri, catalogue)
    return Decisions(registry, make_engine(read_settings(PostgresSettings)))


def _listed(decisions: "Decisions") -> list[dict[str, Any]]:
    history = decisions.history()
    production = decisions.registry.production_or_none()
    listed = []
    for found in decisions.registry.versions():
        own = [decision for decision in history if decision.version == found["version"]]
        rejected = bool(own) and own[-1].action == "rejected"
        state = "was in production" if found["promoted"] else "rejected" if rejected else "candidate"
        words = [decision.to_dict() | {"words": str(decision)} for decision in own]
        listed.append(found | {"state": "production" if found["version"] == production else state, "decisions": words})
    return listed


def _show(result: "DecisionResult", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
        return
    if result.repeated:
        click.echo("Nothing to do, it has been decided already:")
    click.echo(f"{result.decision}")
    if result.skipped:
        click.echo(f"Passed over, because their models are lost: version {', '.join(result.skipped)}")
    click.echo(f"In production: version {result.production_version}")
