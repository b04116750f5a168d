"""Files that a job wrote for people, as a run in MLflow."""

from collections.abc import Iterable
from pathlib import Path

from dtc_model.registry import connect, find_or_create_experiment, run_of, tracking_errors
from dtc_model.settings import page_of


def log_files(
    name: str, files: Iterable[Path], *, experiment: str, tracking_uri: str, public_url: str | None = None
) -> str:
    """Log files, and return the page that shows them.

    Raises
    ------
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off; the run is then marked as failed.
    """
    client = connect(tracking_uri)
    with tracking_errors(f"logging {name}"):
        experiment_id = find_or_create_experiment(client, experiment, "Lists that a job wrote for people.")
        with run_of(client, experiment_id, name, {}) as run_id:
            for file in files:
                client.log_artifact(run_id, str(file))
    return f"{page_of(tracking_uri, public_url)}/#/experiments/{experiment_id}/runs/{run_id}/artifacts"
