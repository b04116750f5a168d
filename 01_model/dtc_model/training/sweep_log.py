"""What a sweep leaves in MLflow: parameters, the data, figures, centroids and pictures."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any, Final

import mlflow.data
import pandas as pd
from dtc_data.catalogue import Catalogue, answer_columns
from mlflow import MlflowClient
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from dtc_model.discovery import Sweep, SweepEntry, TrainingAnswers, match_entry
from dtc_model.registry import SWEEP_END, run_of, write_centroids, write_reference
from dtc_model.rule import FloatArray, measure_reference
from dtc_model.settings import TrainingSettings
from dtc_model.training.sweep_plots import plot_centroids, plot_sweep, plot_units

_LONGEST_PARAMETER: Final = 1_000
"""Characters of a parameter that are logged; a list of many features is cut."""
_PICTURE_DPI: Final = 110


@dataclass(frozen=True)
class SweepLog:
    """Writes the runs of one sweep."""

    client: MlflowClient
    experiment_id: str
    parent_id: str
    catalogue: Catalogue
    wave: str
    settings: TrainingSettings

    def nested_run(self, entry: SweepEntry, metrics: dict[str, float], answers: TrainingAnswers) -> str:
        """Log one k and give its run id."""
        tags = {MLFLOW_PARENT_RUN_ID: self.parent_id, "wave": self.wave, "catalogue": self.catalogue.name}
        with run_of(self.client, self.experiment_id, f"k = {entry.k}", tags) as run_id:
            self.describe(run_id, answers, {"k": entry.k})
            self._log_metrics(run_id, metrics)
            write_centroids(self.client, run_id, self.catalogue, entry)
        return run_id

    def describe(self, run_id: str, answers: TrainingAnswers, own: dict[str, int]) -> None:
        """Log what went in: parameters and the data."""
        parameters: dict[str, Any] = own | {
            "seed": self.settings.seed,
            "n_init": self.settings.n_init,
            "bootstraps": self.settings.bootstraps,
            "scaling": _scaling(self.catalogue),
            "n_units": answers.n_units,
            "features": ", ".join(self.catalogue.feature_names),
        }
        self.client.log_batch(run_id, params=[Param(key, _shortened(value)) for key, value in parameters.items()])
        self.client.log_inputs(run_id, [_dataset(answers.values, self.catalogue, self.wave)])

    def candidate(self, sweep: Sweep, entry: SweepEntry, metrics: dict[str, float], answers: TrainingAnswers) -> None:
        """Log which k is best by the ratio, the candidate's figures and reference, and the pictures."""
        self._log_metrics(self.parent_id, {"best_k": sweep.best.k, "candidate_k": entry.k, **metrics})
        if sweep.words:
            self.client.set_tag(self.parent_id, SWEEP_END, sweep.words)
        model = match_entry(entry, self.catalogue).to_model(self.catalogue, {})
        reference = measure_reference(model, self.wave, answers.values, answers.minimum_answered)
        write_reference(self.client, self.parent_id, reference)
        title, words = f"Wave {self.wave}, k = {entry.k}", self.catalogue.words
        pictures = {
            "sweep.png": plot_sweep(sweep, title=f"Sweep on wave {self.wave}"),
            f"{words.units}.png": plot_units(
                answers.complete, model, title=title, units=words.units, seed=self.settings.seed
            ),
            "centroids.png": plot_centroids(model, title=f"Centroids: {title}", segments=words.segments),
        }
        for name, figure in pictures.items():
            self.client.log_figure(self.parent_id, figure, f"pictures/{name}", save_kwargs={"dpi": _PICTURE_DPI})

    def _log_metrics(self, run_id: str, metrics: dict[str, float]) -> None:
        now_ms = time.time_ns() // 1_000_000
        self.client.log_batch(run_id, metrics=[Metric(name, value, now_ms, 0) for name, value in metrics.items()])


def _dataset(answers: FloatArray, catalogue: Catalogue, wave: str) -> DatasetInput:
    """Describe the data; the digest is of all answers, where MLflow's own is of the first 10,000 rows."""
    digest = hashlib.sha256(repr(catalogue.feature_names).encode() + answers.tobytes()).hexdigest()[:16]
    source = CodeDatasetSource({"table": catalogue.unit_table, "wave": wave})
    frame = pd.DataFrame(answer_columns(answers, catalogue.features))
    dataset = mlflow.data.from_pandas(frame, source=source, name=f"{catalogue.unit_table} {wave}", digest=digest)
    return DatasetInput(
        Dataset(**dataset.to_dict()), [InputTag("mlflow.data.context", "training"), InputTag("wave", wave)]
    )


def _scaling(catalogue: Catalogue) -> str:
    encoded = [words for feature in catalogue.features if (words := feature.encoding_in_words)]
    return ", ".join(encoded) or "none"


def _shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_PARAMETER else f"{text[: _LONGEST_PARAMETER - 1]}…"
