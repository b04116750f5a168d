"""The commands by which a person decides on versions: ``make versions``, ``promote``, ``reject`` and ``rollback``."""

import json
from typing import TYPE_CHECKING

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.core import CatalogueSettings, DtcCommand, PostgresSettings, read_settings
from rich.console import Console

from dtc_model.settings import MlflowSettings

if TYPE_CHECKING:
    from dtc_model.decisions.decisions import DecisionResult, Decisions

_by = click.option("--by", default="", help="Who decides.")
_why = click.option("--why", default="", help="The reason; it is recorded.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(cls=DtcCommand)
@click.argument("version", default="")
@_as_json
def versions(version: str, *, as_json: bool) -> None:
    """List the versions of the persona model, what the gate found and who decided what; all of it of one VERSION."""
    from dtc_model.decisions.version_list import (  # noqa: PLC0415 - imports what takes seconds
        list_versions,
        print_version,
        print_versions,
    )

    decisions = _decisions()
    if version:
        decisions.registry.version(version)  # names what is not there
    listed = [found for found in list_versions(decisions) if version in {"", found["version"]}]
    console = Console(highlight=False)
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif version:
        print_version(listed[0], decisions.registry.name, console)
    else:
        print_versions(listed, decisions.registry.name, console)


@click.command(cls=DtcCommand)
@click.argument("version")
@_by
@_why
@_as_json
def promote(version: str, by: str, why: str, *, as_json: bool) -> None:
    """Put VERSION into production."""
    decisions = _decisions()
    _show(decisions.promote(version, by, why), decisions, as_json=as_json)


@click.command(cls=DtcCommand)
@click.argument("version")
@_by
@_why
@_as_json
def reject(version: str, by: str, why: str, *, as_json: bool) -> None:
    """Refuse the candidate VERSION for good."""
    decisions = _decisions()
    _show(decisions.reject(version, by, why), decisions, as_json=as_json)


@click.command(cls=DtcCommand)
@_by
@_why
@_as_json
def rollback(by: str, why: str, *, as_json: bool) -> None:
    """Bring back the version that was in production before; repeated, it goes further back."""
    decisions = _decisions()
    _show(decisions.rollback(by, why), decisions, as_json=as_json)


def _decisions() -> "Decisions":
    # MLflow and SQLAlchemy take seconds to import; --help should not.
    from dtc_data.tables import make_engine  # noqa: PLC0415

    from dtc_model.decisions.decisions import Decisions  # noqa: PLC0415
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415

    catalogue = load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    registry = ModelRegistry(read_settings(MlflowSettings).tracking_uri, catalogue)
    return Decisions(registry, make_engine(read_settings(PostgresSettings)))


def _show(result: "DecisionResult", decisions: "Decisions", *, as_json: bool) -> None:
    from dtc_model.decisions.stale_waves import stale_labels  # noqa: PLC0415 - as _decisions

    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
        return
    if result.repeated:
        click.echo("Nothing to do, it has been decided already:")
    click.echo(f"{result.decision}")
    if result.skipped:
        click.echo(f"Passed over, because their models are lost: version {', '.join(result.skipped)}")
    click.echo(f"In production: version {result.production_version}")
    if result.decision.action != "rejected" and (advice := stale_labels(decisions.stale_waves)):
        click.echo(advice)
