"""The commands of this room that a person or the stack types."""

from collections.abc import Callable

import click
from dtc_data.catalogue import Catalogue, load_catalogue
from dtc_data.core import CatalogueSettings, DtcCommand, DtcGroup, PostgresSettings, Wave, read_settings

from dtc_model.decisions import promote, reject, rollback, versions
from dtc_model.rule import Reference, SegmentModel
from dtc_model.settings import MlflowSettings


@click.group(cls=DtcGroup)
def main() -> None:
    """Work on the registered persona model."""


for command in (versions, promote, reject, rollback):
    main.add_command(command)


@main.command(cls=DtcCommand)
@click.option("--reference", "wave", help="Month whose units show what a typical distance is, like 2025-01.")
def init(wave: str | None) -> None:
    """Register the catalogue as version 1 and put it into production, unless that has been done.

    The version in production is printed. PERSONA_CATALOGUE names the catalogue, MLFLOW_TRACKING_URI the registry. With
    --reference the respondents of that month are read from the database, POSTGRES_... .
    """
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415 - MLflow takes seconds to import; --help should not

    catalogue = load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    registry = ModelRegistry(read_settings(MlflowSettings).tracking_uri, catalogue)
    click.echo(registry.ensure_catalogue_in_production(_reference_of(catalogue, wave) if wave else None))


def _reference_of(catalogue: Catalogue, wave: str) -> Callable[[SegmentModel], Reference | None]:
    from dtc_data.tables import make_engine  # noqa: PLC0415 - SQLAlchemy and pandas, likewise

    from dtc_model.registry import reference_from_database  # noqa: PLC0415 - likewise

    return reference_from_database(make_engine(read_settings(PostgresSettings)), catalogue, Wave.parse(wave))
