"""What is known about the quality of a person's files, as a run in MLflow."""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from mlflow.entities import Metric
from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE

from dtc_model.registry import connect, find_or_create_experiment, run_of, tracking_errors

EXPERIMENT: Final = "transactions quality"
_FIGURES: Final = ("lines", "kept_lines", "customers", "orders", "revenue", "net_amount")
_SHARES: Final = ("share_of_revenue", "share_of_rows")
_NOT_TAKEN: Final = re.compile(r"[^\w ./:-]")
"""Letters that MLflow takes in no metric's name."""
_NOTE: Final = "A run for each file that was ingested: what is wrong in it, how much, and what was done about it."


def log_quality_report(  # noqa: PLR0913 - the report in three forms, and where it goes
    name: str, report: Mapping[str, Any], text: str, page: str, *, tracking_uri: str, experiment: str = EXPERIMENT
) -> dict[str, str]:
    """Log the quality report of a file.

    Parameters
    ----------
    name : str
        Of the file.
    report : mapping
        As `QualityReport.to_dict` of transactions or of stores returns it.
    text, page : str
        The same for people, as text and as HTML.
    tracking_uri : str
        Address of the MLflow server.
    experiment : str

    Returns
    -------
    dict
        ``experiment_id`` and ``run_id``.

    Raises
    ------
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off; the run is then marked as failed.
    """
    client = connect(tracking_uri)
    with tracking_errors(f"logging the quality of {name}"):
        experiment_id = find_or_create_experiment(client, experiment, _NOTE)
        with run_of(client, experiment_id, name, {MLFLOW_RUN_NOTE: text[:5_000]}) as run_id:
            now_ms = time.time_ns() // 1_000_000
            metrics = [Metric(key, value, now_ms, 0) for key, value in _metrics(report).items()]
            client.log_batch(run_id, metrics=metrics)
            client.log_dict(run_id, dict(report), "quality.json")
            client.log_text(run_id, text + "\n", "quality.txt")
            client.log_text(run_id, page, "quality.html")
    return {"experiment_id": experiment_id, "run_id": run_id}


def _metrics(report: Mapping[str, Any]) -> dict[str, float]:
    """Return how much there is in all, and of each problem its count and share of the revenue."""
    figures = {key: float(report[key]) for key in _FIGURES if key in report}
    for problem in report["problems"]:
        name = _NOT_TAKEN.sub("", problem["name"])
        figures[f"count/{name}"] = float(problem["count"])
        figures |= {f"{share}/{name}": float(problem[share]) for share in _SHARES if share in problem}
    return figures
