"""One MLflow run per drift check, with the verdict and Evidently's report."""

import textwrap
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dtc_data import Catalogue, Wave
from dtc_model.registry import (
    PIPELINE_RUN,
    connect,
    find_or_create_experiment,
    replace_runs_of,
    run_of,
    tracking_errors,
)
from dtc_model.settings import page_of

from dtc_monitoring.columns import drawn_part
from dtc_monitoring.verdict import STATUS_WORDS, DriftVerdict

if TYPE_CHECKING:  # MLflow and SciPy, which those who only read the report's name need not pay
    from mlflow.entities import Metric, Param

    from dtc_monitoring.verdict import DrawnVerdict

EVIDENTLY_FILE: Final = "drift_report.html"
"""Artifact with Evidently's report."""


@dataclass(frozen=True)
class LoggedCheck:
    """Where MLflow keeps a check."""

    mlflow_run_id: str
    report_url: str
    """Page of MLflow that shows the report."""


def log_check(  # noqa: PLR0913 - what was found, what was compared, and for whom; the rest is by keyword
    comparison: "DrawnVerdict",
    catalogue: Catalogue,
    *,
    reference_wave: Wave,
    current_wave: Wave,
    run_id: str,
    tracking_uri: str,
    public_url: str | None = None,
) -> LoggedCheck:
    """Log a check as one MLflow run: parameters, figures, tags, ``verdict.json`` and Evidently's report.

    The page of the report starts with the address that people open; with the tracking server's if none is given.

    Raises
    ------
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off; the run is then marked as failed.
    """
    from mlflow.utils.mlflow_tags import MLFLOW_RUN_NOTE  # noqa: PLC0415 - see above

    verdict = comparison.verdict
    waves = {"reference_wave": str(reference_wave), "current_wave": str(current_wave)}
    title = f"drift check {current_wave} against {reference_wave}"
    tags = waves | {
        "catalogue": catalogue.name,
        "verdict": verdict.status,
        PIPELINE_RUN: run_id,
        MLFLOW_RUN_NOTE: _summary(verdict),
    }
    note = (
        f"Drift checks for {catalogue.name}: one run per wave that was compared with its reference wave, with the verdict, "
        f"the report for people and Evidently's ({EVIDENTLY_FILE})."
    )
    client = connect(tracking_uri)
    with tracking_errors(title):
        experiment_id = find_or_create_experiment(client, f"{catalogue.registered_model} drift checks", note)
        replace_runs_of(client, experiment_id, run_id)
        with run_of(client, experiment_id, title, tags) as mlflow_run_id:
            client.log_batch(mlflow_run_id, metrics=_metrics(verdict), params=_params(verdict, waves))
            client.log_dict(mlflow_run_id, verdict.to_dict(), "verdict.json")
            client.log_text(mlflow_run_id, comparison.report_html(), EVIDENTLY_FILE)
    artifacts = f"#/experiments/{experiment_id}/runs/{mlflow_run_id}/artifacts"
    return LoggedCheck(mlflow_run_id, f"{page_of(tracking_uri, public_url)}/{artifacts}/{EVIDENTLY_FILE}")


def _metrics(verdict: DriftVerdict) -> "list[Metric]":
    from mlflow.entities import Metric  # noqa: PLC0415 - see above

    figures = {"drifted_share": verdict.drifted_share}
    for column in verdict.columns:
        figures |= {f"p_value/{column.name}": column.p_value, f"statistic/{column.name}": column.statistic}
    now_ms = time.time_ns() // 1_000_000
    return [Metric(name, value, now_ms, 0) for name, value in figures.items()]


def _params(verdict: DriftVerdict, waves: dict[str, str]) -> "list[Param]":
    from mlflow.entities import Param  # noqa: PLC0415 - see above

    params = waves | {
        "p_value_limit": str(verdict.p_value_limit),
        "drifted_share_limit": str(verdict.threshold),
        "n_reference": str(verdict.n_reference),
        "n_current": str(verdict.n_current),
    }
    if verdict.basis.sampled:
        params |= {"wave_reference": str(verdict.basis.wave_reference), "wave_current": str(verdict.basis.wave_current)}
    return [Param(name, value) for name, value in params.items()]


def _summary(verdict: DriftVerdict) -> str:
    """Describe the run for the first page that MLflow shows of it."""
    names = ", ".join(verdict.drifted_columns) or "none"
    sampled = f" {verdict.basis.sampled}" if verdict.basis.sampled else ""
    part = drawn_part(len(verdict.columns))
    drawn = f" Evidently's shows {part}." if part else ""
    words = f"{STATUS_WORDS[verdict.status]}: {verdict.reason}.{sampled} The reports are under Artifacts.{drawn} Answers that changed over all: {names}."
    return textwrap.shorten(words, 1000, placeholder=" …")  # tags have a limit
