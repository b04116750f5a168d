"""The way to an MLflow server, without MLflow's global state.

MLflow takes three seconds to import, so it is imported where something is written or an artifact is read.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import httpx
from dtc_data.catalogue import Catalogue
from dtc_data.core import settle_environment

from dtc_model.errors import ModelUnavailableError, TrackingError
from dtc_model.registry.registry_reader import trusted

if TYPE_CHECKING:
    from mlflow import MlflowClient

CONNECT_SECONDS: Final = 10.0
"""How long a server may take to answer its first question."""

PARENT: Final = "mlflow.parentRunId"
"""Tag with the run of which a run is part."""
NOTE: Final = "mlflow.note.content"
"""Tag with the text that MLflow shows above a run or an experiment."""
_KIND: Final = "mlflow.experimentKind"
"""Tag that says what an experiment is for. MLflow 3.17 shows it, and opens the experiment in the view that the browser was in
last all the same (see ``dtc_stack.programs.mlflow_page``)."""
_GUESSED: Final = ("_inferred", "no_inferred_type")
"""How kinds end that MLflow's page wrote there by itself when it found none."""
PIPELINE_RUN: Final = "pipeline_run_id"
"""Tag that names the pipeline run in which a run of MLflow was made."""
_QUIET: Final = {"MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"}
"""MLflow prints two lines per run and draws bars unless these say otherwise; what the caller has set wins."""


def connect(tracking_uri: str) -> "MlflowClient":
    """Make a client for tracking and registry, after asking the server one question.

    MLflow itself retries for minutes when a server is not there.

    Raises
    ------
    ModelUnavailableError
        If the server cannot be reached or refuses to answer.
    """
    settle_environment()  # whoever calls this need not be a command of ours
    question = f"{tracking_uri.rstrip('/')}/api/2.0/mlflow/registered-models/search"
    try:
        httpx.get(question, params={"max_results": 1}, timeout=CONNECT_SECONDS, verify=trusted()).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelUnavailableError(
            f"the MLflow server at {tracking_uri} does not answer ({type(error).__name__}: {error}): "
            "start it, correct MLFLOW_TRACKING_URI, or allow this host name with its --allowed-hosts"
        ) from error
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient  # noqa: PLC0415 - see above

    return MlflowClient(tracking_uri, registry_uri=tracking_uri)


@contextmanager
def tracking_errors(task: str) -> Iterator[None]:
    """Turn MLflow's errors into `TrackingError`, which names the task."""
    try:
        yield
    except Exception as error:
        if (said := _said_by_mlflow(error)) is None:
            raise
        raise TrackingError(f"{task}: {said}") from error


def _said_by_mlflow(error: Exception) -> str | None:
    """Return what MLflow says in an error; None for one that is not of MLflow."""
    if "mlflow" not in sys.modules:
        return None
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - it is there already
    from requests import RequestException  # noqa: PLC0415 - likewise

    if isinstance(error, MlflowException):
        return f"MLflow says {error.error_code}: {error.message}"
    if isinstance(error, RequestException):  # an artifact's way is not always translated by MLflow
        return f"the MLflow server broke off: {error}"
    return None


def find_or_create_experiment(client: "MlflowClient", name: str, note: str) -> str:
    """Return the id of an experiment, which another process may be creating at the same time.

    The note stands above its runs in MLflow. What people have written there stays.
    """
    tags = {_KIND: "custom_model_development", NOTE: note}
    if client.get_experiment_by_name(name) is None:
        with suppress_existing():
            return str(client.create_experiment(name, tags=tags))
    found = client.get_experiment_by_name(name)
    written = {tag for tag, value in found.tags.items() if not (tag == _KIND and value.endswith(_GUESSED))}
    for tag in tags.keys() - written:
        client.set_experiment_tag(found.experiment_id, tag, tags[tag])
    return str(found.experiment_id)


def training_experiment(client: "MlflowClient", catalogue: Catalogue) -> str:
    """Return the id of the experiment with the sweeps and models of a catalogue."""
    note = (
        f"Sweeps that look for the {catalogue.words.segments} of {catalogue.name} again after a drift: one run per sweep with a nested run "
        f"per number of clusters, and the models that came of them. The registered model {catalogue.registered_model} says "
        "which of them is in production."
    )
    return find_or_create_experiment(client, catalogue.registered_model, note)


def replace_runs_of(client: "MlflowClient", experiment_id: str, pipeline_run_id: str) -> None:
    """Let what an earlier execution of a pipeline run left in an experiment count no more, since its step is being done again.

    What it was killed over is marked as killed, and what it had finished is deleted; MLflow can restore that. What failed
    stays as it is.
    """
    own = client.search_runs([experiment_id], f"tags.{PIPELINE_RUN} = '{pipeline_run_id}'")
    nested = [
        run
        for parent in own
        for run in client.search_runs([experiment_id], f"tags.`{PARENT}` = '{parent.info.run_id}'")
    ]
    for run in (*nested, *own):
        if run.info.status == "RUNNING":
            client.set_terminated(run.info.run_id, "KILLED")
        elif run.info.status == "FINISHED":
            client.delete_run(run.info.run_id)


@contextmanager
def suppress_existing() -> Iterator[None]:
    """Ignore that something exists already."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - see above

    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


@contextmanager
def run_of(client: "MlflowClient", experiment_id: str, name: str, tags: dict[str, str]) -> Iterator[str]:
    """Open a run and give its id; it ends as FINISHED, or as FAILED when anything is raised."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - see above
    from requests import RequestException  # noqa: PLC0415 - likewise

    run_id = str(client.create_run(experiment_id, run_name=name, tags=tags).info.run_id)
    try:
        yield run_id
    except BaseException:  # an interruption leaves no run open either
        with suppress(MlflowException, RequestException):  # the first error tells more
            client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED")
