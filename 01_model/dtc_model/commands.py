"""The commands of this room that a person or the stack types."""

import click
from dtc_data.catalogue import load_catalogue
from dtc_data.command_line import DtcCommand, DtcGroup
from dtc_data.settings import CatalogueSettings, read_settings

from dtc_model.settings import MlflowSettings


@click.group(cls=DtcGroup)
def main() -> None:
    """Work on the registered persona model."""


@main.command(cls=DtcCommand)
def init() -> None:
    """Register the catalogue as version 1 and put it into production, unless that has been done.

    The version in production is printed. PERSONA_CATALOGUE names the catalogue, MLFLOW_TRACKING_URI the registry.
    """
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415 - MLflow takes seconds to import; --help should not

    catalogue = load_catalogue(read_settings(CatalogueSettings).persona_catalogue)
    click.echo(ModelRegistry(read_settings(MlflowSettings).tracking_uri, catalogue).ensure_catalogue_in_production())
