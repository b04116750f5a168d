"""The commands by which a person decides on versions: ``make versions``, ``promote``, ``reject``, ``rollback``, ``adopt_catalogue``."""

import json
from typing import TYPE_CHECKING

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import DtcCommand, PostgresSettings, Wave, read_settings, segmentation_option
from rich.console import Console

from dtc_model.settings import MlflowSettings

if TYPE_CHECKING:
    from dtc_data.catalogue import Segmentation

    from dtc_model.decisions.decisions import DecisionResult, Decisions

_by = click.option("--by", default="", help="Who decides.")
_why = click.option("--why", default="", help="The reason; it is recorded.")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command(cls=DtcCommand)
@click.argument("version", default="")
@segmentation_option
@_as_json
def versions(version: str, segmentation: str | None, *, as_json: bool) -> None:
    """List the versions of the persona model, what the gate found and who decided what; all of it of one VERSION."""
    from dtc_model.decisions.version_list import (  # noqa: PLC0415 - imports what takes seconds
        list_versions,
        print_version,
        print_versions,
    )

    _, decisions = _open(segmentation)
    if version:
        decisions.registry.version(version)  # names what is not there
    listed = [found for found in list_versions(decisions) if version in {"", found["version"]}]
    console = Console(highlight=False)
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif version:
        print_version(listed[0], decisions.registry.name, console)
    else:
        print_versions(listed, decisions.registry.name, console, decisions.registry.command)


@click.command(cls=DtcCommand)
@click.argument("version")
@_by
@_why
@segmentation_option
@_as_json
def promote(version: str, by: str, why: str, segmentation: str | None, *, as_json: bool) -> None:
    """Put VERSION into production."""
    _, decisions = _open(segmentation)
    _show(decisions.promote(version, by, why), decisions, as_json=as_json)


@click.command(cls=DtcCommand)
@click.argument("version")
@_by
@_why
@segmentation_option
@_as_json
def reject(version: str, by: str, why: str, segmentation: str | None, *, as_json: bool) -> None:
    """Refuse the candidate VERSION for good."""
    _, decisions = _open(segmentation)
    _show(decisions.reject(version, by, why), decisions, as_json=as_json)


@click.command(cls=DtcCommand)
@_by
@_why
@segmentation_option
@_as_json
def rollback(by: str, why: str, segmentation: str | None, *, as_json: bool) -> None:
    """Bring back the version that was in production before; repeated, it goes further back."""
    _, decisions = _open(segmentation)
    _show(decisions.rollback(by, why), decisions, as_json=as_json)


@click.command("catalogue-changes", cls=DtcCommand)
@segmentation_option
@_as_json
def show_catalogue_changes(segmentation: str | None, *, as_json: bool) -> None:
    """Show what was edited in the catalogue since it was registered, and who would be relabelled on the latest wave."""
    from dtc_model.decisions.catalogue_comparison import (  # noqa: PLC0415 - imports what takes seconds
        catalogue_changes,
        changes_in_words,
    )

    _, decisions = _open(segmentation)
    changes = catalogue_changes(decisions.registry, decisions.engine)
    if as_json:
        click.echo(json.dumps(changes.to_dict(), ensure_ascii=False, indent=2))
        return
    for line in changes_in_words(changes, decisions.registry):
        click.echo(line)


@click.command("adopt-catalogue", cls=DtcCommand)
@_by
@_why
@click.option("--reference", "wave", help="Month whose units show what a typical distance is; else as before.")
@segmentation_option
@_as_json
def adopt_catalogue(by: str, why: str, wave: str | None, segmentation: str | None, *, as_json: bool) -> None:
    """Make the edited catalogue a new version and put it into production."""
    from dtc_model.registry import reference_from_database, suspicions_in_database  # noqa: PLC0415 - as _open

    found, decisions = _open(segmentation)
    chosen = wave or decisions.registry.reference_wave()
    if chosen:
        for sentence in suspicions_in_database(decisions.engine, found.catalogue, Wave.parse(chosen)):
            click.echo(f"Warning: {sentence}", err=True)
    measure = reference_from_database(decisions.engine, found.catalogue, Wave.parse(chosen)) if chosen else None
    _show(decisions.adopt(by, why, measure), decisions, as_json=as_json)


def _open(given: str | None) -> "tuple[Segmentation, Decisions]":
    # MLflow and SQLAlchemy take seconds to import; --help should not.
    from dtc_data.tables import make_engine  # noqa: PLC0415

    from dtc_model.decisions.decisions import Decisions  # noqa: PLC0415
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415

    segmentation = find_segmentation(given)
    registry = ModelRegistry.of(read_settings(MlflowSettings).tracking_uri, segmentation)
    return segmentation, Decisions(registry, make_engine(read_settings(PostgresSettings)))


def _show(result: "DecisionResult", decisions: "Decisions", *, as_json: bool) -> None:
    from dtc_model.decisions.stale_waves import stale_labels  # noqa: PLC0415 - as _open

    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
        return
    if result.repeated:
        click.echo("Nothing to do, it has been decided already:")
    click.echo(f"{result.decision}")
    if result.skipped:
        click.echo(f"Passed over, because their models are lost: version {', '.join(result.skipped)}")
    click.echo(f"In production: version {result.production_version} of {decisions.registry.name}")
    rejected = result.decision.action == "rejected"
    if not rejected and (advice := stale_labels(decisions.stale_waves, decisions.registry.command)):
        click.echo(advice)
