"""What a discovery leaves in MLflow: a run for it, and a nested run for every solution beside the proposal."""

import json
import math
import time
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NOTE

from dtc_model.discovery import Discovery
from dtc_model.registry import connect, find_or_create_experiment, run_of, tracking_errors
from dtc_model.training.discovery_plots import plot_solutions, plot_units_on_axes

_TEXT: Final = ("method", "encoding", "settings")
"""Columns of the figures that are parameters of a nested run; the other single numbers are its metrics."""
_LISTS: Final = ("units", "jaccard")
"""Columns with a number for each segment, which are parameters too."""
_PICTURE_DPI: Final = 110


def discovery_experiment(client: MlflowClient, segmentation: str) -> str:
    """Return the id of the experiment that holds the searches for a segmentation's segments; it is made if it is not there."""
    note = f"Searches for the segments of {segmentation}: one run per search, with a nested run per solution."
    return find_or_create_experiment(client, f"{segmentation} discovery", note)


def log_discovery(  # noqa: PLR0913 - what was found and in what; the rest by keyword
    discovery: Discovery,
    features: pd.DataFrame,
    *,
    segmentation: str,
    wave: str,
    tracking_uri: str,
    names: Mapping[int, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Log a discovery, and return where it can be looked at.

    Parameters
    ----------
    discovery : Discovery
    features : DataFrame of shape (n_units, n_features)
        The table that it was found in.
    segmentation : str
        Gives the experiment its name.
    wave : str
        The wave that the units are of.
    tracking_uri : str
        Address of the MLflow server.
    names : mapping, optional
        Proposed names by id; the document's by default.
    files : mapping, optional
        Further texts to be kept, by the name of their file.

    Returns
    -------
    dict
        ``experiment_id``, ``run_id``, and ``run_ids`` of the nested runs in the order of the figures.

    Raises
    ------
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off; the run is then marked as failed.
    """
    client = connect(tracking_uri)
    with tracking_errors(f"logging the discovery of wave {wave}"):
        experiment_id = discovery_experiment(client, segmentation)
        tags = {"wave": wave, "segmentation": segmentation, MLFLOW_RUN_NOTE: discovery.words}
        with run_of(client, experiment_id, f"discovery {wave}", tags) as run_id:
            _log_summary(client, run_id, discovery, features, names or {})
            for name, text in (files or {}).items():
                client.log_text(run_id, text, f"discovery/{name}")
            nested_tags = {MLFLOW_PARENT_RUN_ID: run_id, "wave": wave, "segmentation": segmentation}
            run_ids = [
                _log_solution(client, experiment_id, row, nested_tags)
                for row in discovery.figures.to_dict(orient="records")
            ]
    return {"experiment_id": experiment_id, "run_id": run_id, "run_ids": run_ids}


def _log_summary(
    client: MlflowClient, run_id: str, discovery: Discovery, features: pd.DataFrame, names: Mapping[int, str]
) -> None:
    document = discovery.document
    parameters = dict(document.provenance) | {"features": ", ".join(document.feature_names)[:1_000]}
    chosen = discovery.figures[discovery.figures["proposed"]] if len(discovery.figures) else discovery.figures
    metrics = _metrics(chosen.iloc[0].to_dict()) if len(chosen) else {"k": 1.0}
    if discovery.matched is not None:
        metrics["relabelled_share"] = discovery.matched.relabelled_share
    _log_batch(client, run_id, parameters, metrics)
    client.log_text(run_id, document.to_json(), "discovery/document.json")
    client.log_text(run_id, discovery.words + "\n", "discovery/proposal.txt")
    client.log_text(run_id, discovery.figures.to_csv(index=False), "discovery/figures.csv")
    client.log_text(run_id, discovery.members.to_csv(), "discovery/members.csv")
    client.log_text(run_id, segment_means(discovery, features, names).to_csv(), "discovery/segments.csv")
    pictures = {
        "segments.png": plot_units_on_axes(discovery, features, names),
        "solutions.png": plot_solutions(discovery.figures),
    }
    for name, figure in pictures.items():
        if figure is not None:
            client.log_figure(run_id, figure, f"pictures/{name}", save_kwargs={"dpi": _PICTURE_DPI})


def segment_means(discovery: Discovery, features: pd.DataFrame, proposed: Mapping[int, str]) -> pd.DataFrame:
    """Return units and mean numbers per segment, by id."""
    names = dict(zip(discovery.document.segment_ids, discovery.document.segment_names, strict=True)) | dict(proposed)
    by_segment = features.groupby(discovery.labels)
    means = by_segment.mean(numeric_only=True)
    means.insert(0, "units", by_segment.size())
    means.insert(0, "segment", [names.get(int(str(id_)), "none") for id_ in means.index])
    return means.rename_axis("segment_id")


def _log_solution(client: MlflowClient, experiment_id: str, row: dict[Any, Any], tags: dict[str, str]) -> str:
    name = f"{row['method']} {row['encoding']} k = {row['k']}"
    with run_of(client, experiment_id, name, tags | {"proposed": str(bool(row["proposed"])).lower()}) as run_id:
        parameters = {key: row[key] for key in _TEXT if row[key]} | {key: json.dumps(row[key]) for key in _LISTS}
        _log_batch(client, run_id, parameters | {"k": row["k"]}, _metrics(row))
    return run_id


def _metrics(row: dict[Any, Any]) -> dict[str, float]:
    """Return the figures that are single, finite numbers."""
    numbers = {key: float(value) for key, value in row.items() if key not in {*_TEXT, *_LISTS, "proposed"}}
    return {key: value for key, value in numbers.items() if math.isfinite(value)}


def _log_batch(client: MlflowClient, run_id: str, parameters: dict[str, Any], metrics: dict[str, float]) -> None:
    now_ms = time.time_ns() // 1_000_000
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now_ms, 0) for name, value in metrics.items()],
        params=[Param(name, str(value)) for name, value in parameters.items()],
    )
