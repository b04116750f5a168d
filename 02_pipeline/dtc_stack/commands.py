"""The commands behind the make targets, and those that start and stop the programs."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
from dtc_data.catalogue import path_named
from dtc_data.core import (
    FOLDER_VARIABLE,
    SEGMENTATION_VARIABLE,
    DtcGroup,
    SegmentationSettings,
    is_catalogue_path,
    read_env_file,
    read_settings,
    settle_environment,
)
from dtc_service.settings import ServiceSettings
from rich.console import Console
from rich.table import Table

from dtc_stack.containers import docker
from dtc_stack.errors import StackError
from dtc_stack.job_commands import (
    create_data,
    locked_stack,
    run,
    run_churn,
    run_customers,
    run_example,
    run_stores,
)
from dtc_stack.lab_command import lab
from dtc_stack.programs import PROGRAMS, LocalStack, check_names, program_beside, protect, refuse_taken, write_if_absent
from dtc_stack.progress import Progress
from dtc_stack.settings import PROJECT_FOLDER, check_all_settings
from dtc_stack.wave_commands import forecast, forecast_pipeline, movement, pipeline

OWNER_ONLY = 0o077
"""What is made here holds respondents' answers and secrets: other users of the machine get no access."""
UNHEALTHY_EXIT_CODE = StackError.exit_code
"""Exit code of `status` when a service is not healthy."""


class _StackGroup(DtcGroup):
    """A group whose settings are made and checked before a command runs, and not for who only asks what it does."""

    def invoke(self, ctx: click.Context) -> Any:
        """Note whether help is asked for, then go on to the command."""
        ctx.obj = any(name in ctx.args for name in ctx.help_option_names)
        return super().invoke(ctx)


@click.group(cls=_StackGroup)
@click.pass_obj
def main(only_help: bool) -> None:  # noqa: FBT001 - what the group notes
    """Run the persona pipeline on this machine."""
    if only_help:
        return
    os.umask(OWNER_ONLY)
    path = Path(os.environ.get("DTC_ENV_FILE") or PROJECT_FOLDER / ".env")
    if write_if_absent(PROJECT_FOLDER / ".env.example", path):
        click.echo(f"Wrote {path} with random secrets.")
    protect(path)
    check_names(path)
    for name, value in read_env_file(path).items():
        os.environ.setdefault(name, value)
    settle_environment()
    check_all_settings()
    name_from_anywhere()


for _command in (
    *(docker, lab),
    *(run, run_example, run_customers, run_stores, run_churn, create_data),
    *(pipeline, forecast, forecast_pipeline, movement),
):
    main.add_command(_command)


def name_from_anywhere() -> None:
    """Write into the environment where the catalogues are, so that programs which run in other folders find them."""
    settings = read_settings(SegmentationSettings)
    folder, named = settings.catalogue_folder.absolute(), settings.segmentation
    os.environ[FOLDER_VARIABLE] = str(folder)
    os.environ[SEGMENTATION_VARIABLE] = str(path_named(named, folder)) if is_catalogue_path(named) else named


@main.command()
def start() -> None:
    """Start the programs and wait until they are healthy."""
    from dtc_stack.jobs import put_catalogue_into_production  # noqa: PLC0415 - as in run

    with locked_stack() as stack:
        stack.start_database()
        stack.start("mlflow", "mage")
        stack.wait("mlflow")
        put_catalogue_into_production(stack)
        stack.start("service", "dashboard")
        stack.wait("mage", "service", "dashboard")


@main.command()
def stop() -> None:
    """Stop the programs."""
    ran = LocalStack.from_settings(Progress()).stop()
    click.echo("Stopped." if ran else "Nothing was running.")


@main.command()
def status() -> None:
    """Show each program, its address and whether it is healthy."""
    table = Table("service", "address", "state", "detail")
    found = LocalStack.from_settings(Progress()).status()
    for health in found:
        table.add_row(health.name, health.url, "[green]healthy[/]" if health.healthy else "[red]down[/]", health.detail)
    Console(highlight=False).print(table)
    if not all(health.healthy for health in found):
        raise SystemExit(UNHEALTHY_EXIT_CODE)


@main.command()
def logs() -> None:
    """Follow the logs of all programs until interrupted."""
    supervisor = LocalStack.from_settings(Progress()).supervisor
    files = [str(supervisor.log(name)) for name in PROGRAMS if supervisor.log(name).exists()]
    if not files:
        raise click.ClickException(f"there are no logs in {supervisor.logs_folder} yet: run make run or make start")
    tail = shutil.which("tail") or "tail"
    try:
        subprocess.run([tail, "-n", "20", "-F", *files], check=False)
    except KeyboardInterrupt:
        return


@main.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(*, yes: bool) -> None:
    """Delete the databases, artifacts and logs."""
    stack = LocalStack.from_settings(Progress())
    folder = stack.stack.state_folder
    if not folder.exists():
        click.echo(f"Nothing to delete: there is no {folder}.")
        return
    if not yes:
        click.confirm(f"Delete all databases, model artifacts and logs in {folder}?", abort=True)
    with stack.locked():
        stack.delete_data()
    click.echo(f"Deleted {folder}.")


@main.command()
def gunicorn() -> None:
    """Run a prediction service of one's own, in the foreground; beside a running stack, with another SERVICE_PORT."""
    settings = read_settings(ServiceSettings)
    refuse_taken({"SERVICE_PORT": (settings.host, settings.port)})
    program_beside("service").become()
