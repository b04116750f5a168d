"""``python -m dtc_stack.containers.in_container``: what the stack's containers run; their settings come from the compose file alone."""

import os
import sys
from pathlib import Path

import click
from dtc_data.catalogue import find_segmentation
from dtc_data.core import DtcGroup, PostgresSettings, read_settings
from dtc_data.synthetic import create_shipped_waves
from dtc_data.tables import make_engine
from dtc_model.settings import MlflowSettings
from dtc_service.settings import ServiceSettings

from dtc_stack.addresses import login, pages
from dtc_stack.databases import prepare
from dtc_stack.mage import lay_out
from dtc_stack.programs import ADMIN
from dtc_stack.progress import Progress
from dtc_stack.settings import DatabaseSettings, MageSettings, StateSettings, databases

MAGE_PROJECT = Path("/var/lib/mage/persona_project")
"""Mage's working copy of the project, in its volume."""
MAGE_PORT = 6789


@click.group(cls=DtcGroup)
def main() -> None:
    """Run a part of the stack in its container."""


@main.command("databases")
def prepare_databases() -> None:
    """Make the databases and their roles where they are missing, and set the passwords."""
    customers, passwords = read_settings(PostgresSettings), read_settings(DatabaseSettings)
    admin_password = passwords.postgres_admin_password.get_secret_value()
    made = prepare(customers.host, customers.port, ADMIN, admin_password, databases(customers, passwords))
    click.echo(f"Made {', '.join(made)}." if made else "All databases are there.")


@main.command()
def catalogue() -> None:
    """Put the catalogue into production as version 1, unless a version is already."""
    from dtc_model.registry import ModelRegistry  # noqa: PLC0415 - imports MLflow, which `mage` need not wait for

    registry = ModelRegistry.of(read_settings(MlflowSettings).tracking_uri, find_segmentation())
    click.echo(f"Version {registry.ensure_catalogue_in_production()} is in production.")


@main.command()
def mage() -> None:
    """Become Mage's server, on a fresh copy of the project."""
    command = [sys.executable, "-m", "dtc_stack.mage.server", "start", str(lay_out(MAGE_PROJECT))]
    address = ["--host", "0.0.0.0", "--port", str(MAGE_PORT)]  # noqa: S104 - of a container
    os.execv(command[0], [*command, *address])  # noqa: S606 - no shell is wanted


@main.command()
def run() -> None:
    """Run the main job on the shipped months against the running stack."""
    from dtc_stack.jobs import (  # noqa: PLC0415 - as in catalogue
        MainJob,
        as_document,
        run_on_months,
        shipped_folder,
        show,
        write,
    )
    from dtc_stack.mage import MageClient  # noqa: PLC0415 - as in catalogue

    progress, settings = Progress(), read_settings(MageSettings)
    state = read_settings(StateSettings).state_folder
    segmentation = find_segmentation()
    progress.headline("Data")
    engine = make_engine(read_settings(PostgresSettings))
    create_shipped_waves(engine, segmentation.catalogue, shipped_folder(state, segmentation), progress.say)
    with MageClient.from_settings(settings) as client:
        client.log_in()
        outcome = run_on_months(
            MainJob.from_settings(segmentation, client, progress), read_settings(ServiceSettings).service_url
        )
    write(as_document(outcome, pages(settings)), state / "last_run.json")
    show(outcome, pages(settings), login(settings), progress.console)


if __name__ == "__main__":
    main()
