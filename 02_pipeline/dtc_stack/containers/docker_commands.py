"""The commands behind the make targets docker_...: the same stack and the same job, in containers."""

from pathlib import Path

import click
from dtc_data import Wave
from dtc_data.core import DtcGroup, read_settings

from dtc_stack import job_options
from dtc_stack.addresses import login, pages
from dtc_stack.containers.compose import ComposeStack
from dtc_stack.containers.container_programs import ContainerPrograms
from dtc_stack.progress import Progress
from dtc_stack.settings import PROJECT_FOLDER, ContainerSettings, StackSettings, StateSettings


@click.group(cls=DtcGroup)
def docker() -> None:
    """Run the stack in containers."""


@docker.command()
def start() -> None:
    """Build the images, start the stack and wait until it is healthy."""
    stack = ComposeStack.from_settings(Progress())
    stack.start()
    settings = read_settings(StackSettings)
    tables = f"http://127.0.0.1:{read_settings(ContainerSettings).cloudbeaver_port}"
    for name, url in (pages(settings) | {"CloudBeaver": tables}).items():
        stack.progress.say(f"  {name:<12} {url}")
    stack.progress.say(f"  {login(settings)}")


@docker.command()
def run() -> None:
    """Run the main job inside the stack, which is started if it is not up."""
    stack = ComposeStack.from_settings(Progress())
    stack.start()
    stack.run_job(read_settings(StateSettings).state_folder / "docker" / "last_run.json")


@docker.command()
@job_options.transactions
@job_options.reference_month
def run_customers(data: Path | None, reference: str | None) -> None:
    """Run the job on customers against the stack, which is started if it is not up: its pipeline runs in the containers."""
    from dtc_stack.jobs import run_customers as run_on_customers  # noqa: PLC0415 - as in the command outside

    month = Wave.parse(reference) if reference else None
    programs = ContainerPrograms(ComposeStack.from_settings(Progress()), read_settings(StackSettings))
    run_on_customers(programs, data.absolute() if data else None, month)


@docker.command()
@job_options.retailer
@job_options.reference_quarter
def run_stores(data: Path | None, reference: str | None) -> None:
    """Run the job on stores against the stack, which is started if it is not up: its pipeline runs in the containers."""
    from dtc_data.stores import Quarter  # noqa: PLC0415 - as in the command outside

    from dtc_stack.jobs import run_stores as run_on_stores  # noqa: PLC0415 - likewise

    quarter = Quarter.parse(reference) if reference else None
    programs = ContainerPrograms(ComposeStack.from_settings(Progress()), read_settings(StackSettings))
    run_on_stores(programs, data.absolute() if data else None, quarter)


@docker.command()
@click.option("--data", type=click.Path(path_type=Path), help="A transaction file of your own.")
def run_churn(data: Path | None) -> None:
    """Forecast who leaves, with database, registry and service in the containers, which are started if they are not up."""
    from dtc_stack.jobs import run_churn as run_job  # noqa: PLC0415 - as in the command outside

    programs = ContainerPrograms(ComposeStack.from_settings(Progress()), read_settings(StackSettings))
    run_job(programs, data.absolute() if data else None)


@docker.command()
def stop() -> None:
    """Stop the stack; its data stays."""
    ComposeStack.from_settings(Progress()).stop()
    click.echo("Stopped.")


@docker.command()
def logs() -> None:
    """Follow the logs of all programs until interrupted."""
    ComposeStack.from_settings(Progress()).follow_logs()


@docker.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(*, yes: bool) -> None:
    """Delete the stack's volumes: databases, artifacts, Mage's outputs."""
    if not yes:
        click.confirm(
            f"Delete all databases and model artifacts of the stack in containers ({PROJECT_FOLDER})?", abort=True
        )
    ComposeStack.from_settings(Progress()).delete_data()
    click.echo("Deleted.")
