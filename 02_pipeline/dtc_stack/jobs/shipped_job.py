"""The main job on the shipped months: the same steps on this machine and in containers."""

from pathlib import Path

from dtc_data import Wave
from dtc_data.catalogue import Segmentation
from dtc_data.core import DEFAULT_SEGMENTATION

from dtc_stack.jobs.main_job import JobOutcome, MainJob

REFERENCE_WAVE = Wave(2025, 1)
"""Reference wave of the shipped months."""
COMPARED_WAVES = (Wave(2025, 2), Wave(2025, 3), Wave(2025, 4))
LABELLED_WAVES = (*COMPARED_WAVES, Wave(2025, 5))


def shipped_folder(state_folder: Path, segmentation: Segmentation) -> Path:
    """Return where the files of the sample months go; those of another segmentation than the default have a folder of their own."""
    data = state_folder / "data"
    return data if segmentation.name == DEFAULT_SEGMENTATION else data / segmentation.name


def run_on_months(job: MainJob, service_url: str) -> JobOutcome:
    """Compare three months with January, label four, and send respondents to the service.

    The months are in the database, the catalogue is in production, and Mage is logged in to.
    """
    outcomes = [job.check(REFERENCE_WAVE, wave) for wave in COMPARED_WAVES]
    job.progress.headline("Labels")
    shares = job.label(list(LABELLED_WAVES))
    answered: list[tuple[str, str]] = []
    if job.segmentation.is_listed:  # the service knows the catalogues in their folder
        job.wait_until_served(service_url)
        answered = job.ask_service(service_url)
    return JobOutcome(
        job.catalogue, REFERENCE_WAVE, outcomes, job.registry.production_version(), shares, answered=answered
    )
