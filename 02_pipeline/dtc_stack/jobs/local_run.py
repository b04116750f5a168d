"""The main job on the local stack, with the shipped months or the example on real answers."""

from pathlib import Path

from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import SegmentationSettings, read_settings
from dtc_data.surveys import read_big_five
from dtc_data.synthetic import create_shipped_waves
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ModelRegistry
from dtc_model.settings import MlflowSettings
from dtc_service.settings import ServiceSettings

from dtc_stack.jobs.main_job import JobOutcome, MainJob
from dtc_stack.jobs.shipped_job import REFERENCE_WAVE, run_on_months, shipped_folder
from dtc_stack.jobs.summary import as_document, show, write
from dtc_stack.jobs.used_programs import UsedPrograms
from dtc_stack.mage import MageClient
from dtc_stack.programs import LocalStack
from dtc_stack.settings import PROJECT_FOLDER

EXAMPLE_CATALOGUE = PROJECT_FOLDER / "00_create_data" / "catalogues" / "big_five.yaml"


def run_default(stack: LocalStack) -> None:
    """Make the months, compare three of them with January, label four, and show what came of it."""
    _start(stack)
    create_months(stack)
    stack.wait("mlflow", "mage")
    segmentation = find_segmentation()
    with MageClient.from_settings(stack.stack) as mage:
        mage.log_in()
        job = MainJob.from_settings(segmentation, mage, stack.progress)
        job.put_catalogue_into_production(REFERENCE_WAVE)
        stack.start("service", "dashboard")
        stack.wait("service", "dashboard")
        outcome = run_on_months(job, read_settings(ServiceSettings).service_url)
    _finish(stack, segmentation, outcome, stack.stack.state_folder / "last_run.json")


def run_example(stack: LocalStack) -> None:
    """Ingest the Big Five survey, compare its later waves with the first, and label all of them."""
    _start(stack)
    segmentation = _example()
    catalogue = segmentation.catalogue
    table = UnitTable(catalogue)
    with stack.progress.step("the survey is in the database"), transaction(stack.engine()) as connection:
        table.create(connection)
        table.ingest(connection, read_big_five())
        waves = table.waves(connection)
    stack.wait("mlflow", "mage")
    with MageClient.from_settings(stack.stack) as mage:
        mage.log_in()
        job = MainJob.from_settings(segmentation, mage, stack.progress)
        job.put_catalogue_into_production(waves[0])
        outcomes = [job.check(waves[0], wave) for wave in waves[1:]]
        stack.progress.headline("Labels")
        shares = job.label(waves)
        production = job.registry.production_version()
    _finish(
        stack,
        segmentation,
        JobOutcome(catalogue, waves[0], outcomes, production, shares),
        stack.stack.state_folder / "last_example_run.json",
    )


def create_months(stack: LocalStack) -> None:
    """Make and ingest January to May 2025."""
    stack.progress.headline("Data")
    segmentation = find_segmentation()
    folder = shipped_folder(stack.stack.state_folder, segmentation)
    create_shipped_waves(stack.engine(), segmentation.catalogue, folder, stack.progress.say)


def put_catalogue_into_production(stack: UsedPrograms) -> None:
    """Register the catalogue as version 1 unless a version serves already."""
    with stack.progress.step("the catalogue is in the model registry"):
        registry = ModelRegistry.of(read_settings(MlflowSettings).tracking_uri, find_segmentation())
        registry.ensure_catalogue_in_production()


def _example() -> Segmentation:
    """Return the segmentation of the example: from the folder of the stack's catalogues, or as it is shipped."""
    own = read_settings(SegmentationSettings).catalogue_folder / EXAMPLE_CATALOGUE.name
    return find_segmentation(str(own if own.is_file() else EXAMPLE_CATALOGUE))


def _start(stack: LocalStack) -> None:
    stack.progress.headline("Stack")
    stack.start_database()
    stack.start("mlflow", "mage")


def _finish(stack: LocalStack, segmentation: Segmentation, outcome: JobOutcome, path: Path) -> None:
    # The service knows the catalogues in their folder, so it has nothing to say about another one.
    urls = {name: url for name, url in stack.urls().items() if segmentation.is_listed or name != "predictions"}
    write(as_document(outcome, urls), path)
    show(outcome, urls, stack.login(), stack.progress.console)
