"""The commands that run a job on the stack: ``make run`` and its kin for each subject."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from dtc_data import Wave
from dtc_data.core import read_settings
from dtc_monitoring.settings import TelegramSettings

from dtc_stack import job_options
from dtc_stack.programs import LocalStack
from dtc_stack.progress import Progress
from dtc_stack.settings import CloudSettings


@contextmanager
def locked_stack() -> Iterator[LocalStack]:
    """Return the stack to one command at a time, and say which optional features are off."""
    stack = LocalStack.from_settings(Progress())
    for line in (read_settings(TelegramSettings).off_reason, read_settings(CloudSettings).off_reason):
        if line:
            stack.progress.say(line)
    with stack.locked():
        yield stack


@click.command()
def run() -> None:
    """Run the main job on the synthetic months and leave the stack up."""
    from dtc_stack.jobs import run_default  # noqa: PLC0415 - imports MLflow, which `stop` need not wait for

    with locked_stack() as stack:
        run_default(stack)


@click.command()
def run_example() -> None:
    """Run the main job on the Big Five survey, with the default one left as it is."""
    from dtc_stack.jobs import run_example as run_big_five  # noqa: PLC0415 - as in run

    with locked_stack() as stack:
        run_big_five(stack)


@click.command()
@job_options.transactions
@job_options.reference_month
def run_customers(data: Path | None, reference: str | None) -> None:
    """Run the job on customers: transactions in, segments, months checked, labels, movement."""
    from dtc_stack.jobs import run_customers as run_on_customers  # noqa: PLC0415 - as in run

    month = Wave.parse(reference) if reference else None
    path = data.absolute() if data else None
    with locked_stack() as stack:
        run_on_customers(stack, path, month)


@click.command()
@job_options.retailer
@job_options.reference_quarter
def run_stores(data: Path | None, reference: str | None) -> None:
    """Run the job on stores: files in, archetypes, quarters checked, labels, movement, what to do."""
    from dtc_data.stores import Quarter  # noqa: PLC0415 - as in run

    from dtc_stack.jobs import run_stores as run_on_stores  # noqa: PLC0415 - as in run

    quarter = Quarter.parse(reference) if reference else None
    folder = data.absolute() if data else None
    with locked_stack() as stack:
        run_on_stores(stack, folder, quarter)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A transaction file of your own.")
def run_churn(data: Path | None) -> None:
    """Forecast who leaves a grocery chain, hold the forecasts to account, and list whom to call."""
    from dtc_stack.jobs import run_churn as run_job  # noqa: PLC0415 - as in run

    with locked_stack() as stack:
        run_job(stack, data)


@click.command()
def create_data() -> None:
    """Make and ingest January to May 2025; starts PostgreSQL if it does not run."""
    from dtc_stack.jobs import create_months  # noqa: PLC0415 - as in run

    with locked_stack() as stack:
        stack.start_database()
        create_months(stack)
