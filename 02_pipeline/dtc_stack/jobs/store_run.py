"""The job on stores: files in, archetypes discovered on a quarter and frozen, later quarters checked, labelled and followed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from dtc_data import Wave
from dtc_data.catalogue import Segmentation
from dtc_data.core import RetailDataError, read_settings
from dtc_data.stores import (
    STORES_SEGMENTATION,
    QualityReport,
    Quarter,
    RetailPlan,
    complete_quarters,
    make_store_waves,
    store_features,
    write_planted_retailer,
)
from dtc_data.tables import UnitTable, transaction
from dtc_model.recipes import stores_to_segment
from dtc_model.settings import MlflowSettings
from dtc_model.training import log_quality_report
from dtc_monitoring.movement import Movement, movement_lines
from dtc_service.settings import ServiceSettings

from dtc_stack.jobs.drafted_catalogue import drafted_segmentation
from dtc_stack.jobs.local_run import put_catalogue_into_production
from dtc_stack.jobs.main_job import JobOutcome, MainJob
from dtc_stack.jobs.movement_job import MovementFiles, keep_movement, movement_between
from dtc_stack.jobs.store_files import read_store_files
from dtc_stack.jobs.store_reports import StoreReports, show_stores, write_store_reports
from dtc_stack.jobs.summary import as_document, show, write
from dtc_stack.jobs.used_programs import UsedPrograms
from dtc_stack.mage import MageClient, store_tables

BOOTSTRAPS: Final = 10
"""Resamples for the stability of each solution."""
PLANTED: Final = RetailPlan(n_stores=300)
"""The retailer of the example."""
FOLLOWED_QUARTERS: Final = 4
"""Quarters after the reference that are checked unless a person names another reference: a year."""
_FEWEST_QUARTERS: Final = 2
"""One to find archetypes in, and one to check."""


@dataclass(frozen=True, eq=False)
class _Retailer:
    """What the files hold."""

    layout: Path
    quality: QualityReport
    features: pd.DataFrame
    reference: Quarter
    later: tuple[Quarter, ...]

    @property
    def quarters(self) -> list[Quarter]:
        return [self.reference, *self.later]

    @property
    def waves(self) -> list[Wave]:
        return [quarter.wave for quarter in self.quarters]


def run_stores(stack: UsedPrograms, data: Path | None = None, reference: Quarter | None = None) -> None:
    """Run the job on a retailer's files, by default those of a planted one, and leave the stack up.

    Parameters
    ----------
    stack : UsedPrograms
        On this machine or in containers.
    data : Path, optional
        A folder with a ``retail.yaml``, or that file.
    reference : Quarter, optional
        The quarter on which archetypes are discovered; a year before the last one by default.

    Raises
    ------
    RetailDataError
        If the files are refused, tell of too few quarters, or are another retailer's than those in the database.
    TrainingError
        If no archetypes are proposed.
    """
    stack.progress.headline("Stack")
    stack.start_database()
    stack.start("mlflow", "mage")
    stack.progress.headline("Stores")
    retailer = _read(stack, data, reference)
    stack.wait("mlflow")
    quality, uri = retailer.quality, read_settings(MlflowSettings).tracking_uri
    log_quality_report(
        quality.retailer,
        quality.to_dict(),
        quality.text(),
        quality.html(),
        tracking_uri=uri,
        experiment="stores quality",
    )
    segmentation = drafted_segmentation(
        stack,
        STORES_SEGMENTATION,
        lambda: stores_to_segment(retailer.features, retailer.reference),
        n_bootstraps=BOOTSTRAPS,
    )
    _fill(stack, segmentation, retailer)
    stack.wait("mage")
    with MageClient.from_settings(stack.mage) as mage:
        mage.log_in()
        job = MainJob.from_settings(segmentation, mage, stack.progress)
        found = _through_the_quarters(stack, job, retailer)
    _finish(stack, retailer, *found)


def _read(stack: UsedPrograms, data: Path | None, reference: Quarter | None) -> _Retailer:
    tables = store_tables(stack.state_folder)
    folder = data or tables.with_name("planted")
    if data is None and not (folder / "retail.yaml").exists():
        with stack.progress.step(f"{PLANTED.n_stores} stores are planted, three years of sales"):
            write_planted_retailer(PLANTED, folder, ("parquet",))
    layout = folder / "retail.yaml" if folder.is_dir() else folder
    with stack.progress.step(f"{layout} is checked and read"):
        reading = read_store_files(layout, tables)
    stack.let_pipeline_read(tables)
    for line in [*reading.quality.summary(), f"all of it: {tables / 'quality.html'}"]:
        stack.progress.say(f"    {line}")
    with stack.progress.step("features of every store and quarter"):
        features = store_features(reading.tables)
    quarters = chosen_quarters(complete_quarters(features), reference)
    return _Retailer(layout, reading.quality, features, quarters[0], tuple(quarters[1:]))


def chosen_quarters(quarters: list[Quarter], reference: Quarter | None) -> list[Quarter]:
    """Return the reference quarter and the later ones, of those that are complete; a year before the last is the default.

    Raises
    ------
    RetailDataError
        If there is no later one, or the reference is not complete.
    """
    first = quarters[-FOLLOWED_QUARTERS - 1 :][:1] if reference is None else [reference]
    chosen = [quarter for quarter in quarters if first and quarter >= first[0]]
    if len(chosen) < _FEWEST_QUARTERS or (reference is not None and reference not in quarters):
        found = f"{quarters[0]} to {quarters[-1]}" if len(quarters) > 1 else "".join(map(str, quarters)) or "none"
        way_out = "" if len(quarters) > 1 else ": bring sales of five whole quarters at least"
        raise RetailDataError(
            "a reference quarter and a later one are needed, each complete and with the three quarters before it; the files "
            f"give {found}{way_out}"
        )
    return chosen


def _fill(stack: UsedPrograms, segmentation: Segmentation, retailer: _Retailer) -> None:
    """Put the quarters into the table, unless it holds another retailer's stores."""
    engine, table = stack.engine(), UnitTable(segmentation.catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        held = {wave: set(table.load(connection, wave)["unit_id"]) for wave in table.waves(connection)}
    known = set(retailer.features["unit_id"].astype(str))
    if others := sorted(set().union(*held.values()) - known):
        raise RetailDataError(
            f"the table {table.name!r} holds stores that these files do not know, such as {others[0]!r}, and stores of two "
            "retailers do not mix: run this on a stack of its own (another STATE_FOLDER and ports in .env), or delete what is "
            "there with make clean (in containers make docker_clean)"
        )
    with stack.progress.step(f"waves of stores from {retailer.reference} to {retailer.later[-1]}"):
        made = make_store_waves(engine, retailer.features, retailer.quarters, segmentation.catalogue)
    for wave in made:
        stack.progress.say(f"    {wave}")


def _through_the_quarters(
    stack: UsedPrograms, job: MainJob, retailer: _Retailer
) -> tuple[JobOutcome, list[Movement], MovementFiles, StoreReports]:
    reference, *later = retailer.waves
    job.put_catalogue_into_production(reference)
    put_catalogue_into_production(stack)  # the default segmentation's, without which the service is not ready
    stack.start("service", "dashboard")
    outcomes, shares = job.follow(reference, later)
    stack.progress.headline("Stores and archetypes")
    with stack.progress.step("which stores moved, and why"):
        movements = movement_between(job.segmentation, job.engine, job.tracking_uri, reference, later[-1])
        files = keep_movement(movements, job.segmentation, stack.state_folder / "movement")
    with stack.progress.step("tier, potential and what to do, store by store"):
        lists = store_tables(stack.state_folder).parent
        reports = write_store_reports(job, retailer.features, retailer.quarters, lists, retailer.quality.to_dict())
    stack.wait("service", "dashboard")
    outcome = job.concluded(reference, outcomes, shares, read_settings(ServiceSettings).service_url)
    return outcome, movements, files, reports


def _finish(  # noqa: PLR0913, PLR0917 - all that was found
    stack: UsedPrograms,
    retailer: _Retailer,
    outcome: JobOutcome,
    movements: list[Movement],
    files: MovementFiles,
    reports: StoreReports,
) -> None:
    urls = stack.urls() | {"movement": files.page, "store lists": reports.page}
    document: dict[str, Any] = as_document(outcome, urls) | {
        "data": str(retailer.layout),
        "quality": retailer.quality.to_dict(),
        "movement": [movement.to_dict() for movement in movements],
        "movement_picture": str(files.picture),
        "movement_table": str(files.table),
        **reports.to_dict(),
    }
    write(document, stack.state_folder / "last_run_stores.json")
    show(outcome, urls, stack.login(), stack.progress.console)
    for movement in movements:
        stack.progress.say("\n".join(movement_lines(movement, outcome.catalogue.words)[:6]))
    show_stores(reports, stack.progress.console)
