"""What became of the model that a sweep trained, as tags of the sweep's run in MLflow.

A version does not say it: several sweeps can come to the same version.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mlflow import MlflowClient

LONGEST_NOTE: Final = 5000
"""Most characters that are kept of a note, which MLflow takes in any version."""

_NAMES: Final = {
    "candidate_version": "version",
    "candidate_for": "current_wave",
    "wave": "training_wave",
    "decision": "decision",
    "reason": "reason",
}
"""Tags of the run, and what they are called among the facts about a version."""


def note_on_sweep(client: "MlflowClient", run_id: str, **tags: str) -> None:
    """Write ``candidate_version`` and ``candidate_for`` (the wave that drifted), later ``decision`` and ``reason``."""
    for name, value in tags.items():
        client.set_tag(run_id, name, value[:LONGEST_NOTE])


def newest_sweep(client: "MlflowClient", registered_model: str, current_wave: str) -> dict[str, str]:
    """Return what became of the newest sweep that was made because of a wave; nothing if there is none."""
    experiment = client.get_experiment_by_name(registered_model)
    if experiment is None:
        return {}
    runs = client.search_runs(
        [experiment.experiment_id],
        filter_string=f"tags.candidate_for = '{current_wave}'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    tags = runs[0].data.tags if runs else {}
    return {known_as: tags[name] for name, known_as in _NAMES.items() if name in tags}
