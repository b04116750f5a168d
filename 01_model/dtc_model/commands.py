"""The commands of this room that a person or the stack types."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import DtcCommand, DtcGroup, PostgresSettings, Wave, read_settings, segmentation_option

from dtc_model.decisions import adopt_catalogue, promote, reject, rollback, show_catalogue_changes, versions
from dtc_model.errors import SuspectCatalogueError
from dtc_model.forecast_versions import forecast_versions_command, promote_forecast, reject_forecast
from dtc_model.settings import MlflowSettings
from dtc_model.training import discover_command

if TYPE_CHECKING:
    from dtc_model.discovery import NoiseLevel
    from dtc_model.registry import ModelRegistry


@click.group(cls=DtcGroup)
def main() -> None:
    """Work on the registered persona model."""


for command in (
    versions,
    promote,
    reject,
    rollback,
    show_catalogue_changes,
    adopt_catalogue,
    discover_command,
    forecast_versions_command,
    promote_forecast,
    reject_forecast,
):
    main.add_command(command)


@main.command(cls=DtcCommand)
@click.option("--reference", "wave", help="Month whose units show what a typical distance is, like 2025-01.")
@click.option("--anyway", is_flag=True, help="Register a catalogue that does not look like the answers of that month.")
@segmentation_option
def init(wave: str | None, segmentation: str | None, *, anyway: bool) -> None:
    """Register the catalogue as version 1 and put it into production, unless that has been done.

    The version in production is printed, and on standard error what was done. MLFLOW_TRACKING_URI names the registry. With
    --reference the units of that month are read from the database, POSTGRES_... , and the
    catalogue is compared with them first. A catalogue that was registered without one gets
    it by a new version.
    """
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415 - takes long to import; --help should not

    found = find_segmentation(segmentation)
    registry = ModelRegistry.of(read_settings(MlflowSettings).tracking_uri, found)
    before = registry.catalogue_version(), registry.reference_wave()
    if wave is None:
        version = registry.ensure_catalogue_in_production()
    else:
        version = _init_with_reference(registry, Wave.parse(wave), anyway=anyway)
    click.echo(_what_was_done(registry, version, before), err=True)
    click.echo(version)


def _init_with_reference(registry: "ModelRegistry", wave: Wave, *, anyway: bool) -> str:
    """Register the catalogue with its reference wave, or add that to what is registered; return the version in production."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - SQLAlchemy and pandas, likewise

    from dtc_model.decisions import Decisions  # noqa: PLC0415 - likewise
    from dtc_model.registry import reference_from_database, suspicions_in_database  # noqa: PLC0415 - likewise

    if registry.reference_wave() == str(wave):
        return registry.ensure_catalogue_in_production()
    engine = make_engine(read_settings(PostgresSettings))
    _refuse_suspect(suspicions_in_database(engine, registry.catalogue, wave), wave, anyway=anyway)
    measure = reference_from_database(engine, registry.catalogue, wave)
    if registry.catalogue_version() is None:
        return registry.ensure_catalogue_in_production(measure)
    version = registry.register_measured(measure, str(wave))
    why = f"the catalogue as it was, now measured on wave {wave}, so that fit and probability can be told"
    result = Decisions(registry, engine).promote(version, by="init", why=why)
    return str(result.production_version)


def _what_was_done(registry: "ModelRegistry", version: str, before: tuple[str | None, str | None]) -> str:
    """Say what was registered, given the version of the catalogue and its reference wave before."""
    known, wave_before = before
    model, wave = f"the model {registry.name!r}", registry.reference_wave()
    if known is None:
        measured = (
            f"measured on wave {wave}"
            if wave
            else "not measured on a wave, so that fit and probability stay empty until REFERENCE= names one"
        )
        return f"The catalogue is now version {version} of {model} and in production, {measured}."
    if wave != wave_before:
        return f"The catalogue is now measured on wave {wave}, as version {version} of {model}, which is in production."
    return f"Nothing was changed: the catalogue is registered, and version {version} of {model} is in production."


def _refuse_suspect(found: list[str], wave: Wave, *, anyway: bool) -> None:
    if found and not anyway:
        said = "".join(f"\n  - {sentence}" for sentence in found)
        raise SuspectCatalogueError(
            f"the catalogue does not look like the answers of wave {wave}, and nothing was registered:{said}\nCorrect the catalogue "
            "file; if it is right all the same, add ANYWAY=1 (--anyway)"
        )
    for sentence in found:
        click.echo(f"Warning: {sentence}", err=True)


@main.command(cls=DtcCommand, name="planted-truth")
@click.option("--units", type=click.IntRange(2), default=1_000, show_default=True, help="Units that there are.")
@click.option("--numbers", type=click.IntRange(0), default=8, show_default=True, help="Features that are numbers.")
@click.option(
    "--categories", type=click.IntRange(0), default=4, show_default=True, help="Features that are categories."
)
@click.option("--segments", type=click.IntRange(1), default=6, show_default=True, help="Segments that are planted.")
@click.option(
    "--noise",
    type=click.Choice(["low", "middle", "high"]),
    default="middle",
    show_default=True,
    help="How they overlap.",
)
@click.option("--draws", type=click.IntRange(1), default=5, show_default=True, help="Tables that are drawn.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    default=["mixture"],
    show_default=True,
    help="As for discovery; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def planted_truth(  # noqa: PLR0913, PLR0917 - options of a command
    units: int,
    numbers: int,
    categories: int,
    segments: int,
    noise: "NoiseLevel",
    draws: int,
    methods: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Tell what would be recovered of segments at this number of units, features and noise, before anyone trusts them.

    Segments are planted and looked for without telling how many there are. An adjusted Rand index of 1 is everything, 0 is
    what chance would give.
    """
    from dtc_model.discovery import recover, verdict_in_words  # noqa: PLC0415 - scikit-learn takes seconds to import

    found = recover(
        methods,
        n_units=units,
        n_segments=segments,
        n_numbers=numbers,
        n_categories=categories,
        noise=noise,
        seeds=range(draws),
        report_progress=lambda line: click.echo(line, err=True),
    )
    if as_json:
        click.echo(json.dumps([asdict(recovery) for recovery in found], indent=2))
        return
    for recovery in found:
        click.echo(recovery.words)
    click.echo(verdict_in_words(max(found, key=lambda recovery: recovery.rand_index), units))
