"""The commands behind the make targets docker_...: the same stack and the same job, in containers."""

import click
from dtc_data.core import DtcGroup, read_settings

from dtc_stack.addresses import login, pages
from dtc_stack.containers.compose import ComposeStack
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
def churn() -> None:
    """Forecast who leaves inside the stack, by the transactions in its database; it is started if it is not up."""
    stack = ComposeStack.from_settings(Progress())
    stack.start()
    stack.run_job(read_settings(StateSettings).state_folder / "docker" / "last_run_churn.json", churn=True)


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
