"""The report of a run beside Evidently's, in MLflow."""

from dataclasses import replace
from typing import Final

import structlog
from dtc_data.core import DtcError
from dtc_model.registry import connect, tracking_errors

from dtc_monitoring.report.report_content import ReportContent
from dtc_monitoring.report.report_page import report_html

REPORT_FILE: Final = "report.html"
"""Artifact with the report."""

_log = structlog.get_logger()


def report_address(page: str, mlflow_run_id: str) -> str:
    """Return the address of the report as a file, from that of MLflow for people (`dtc_model.settings.MlflowSettings.page`).

    MLflow's own pages show a report in a corner too small for a phone. What this address gives opens by itself.
    """
    return f"{page}/get-artifact?run_id={mlflow_run_id}&path={REPORT_FILE}"


def log_report(content: ReportContent, mlflow_run_id: str, tracking_uri: str, page: str) -> ReportContent:
    """Log the report to the check's run, and give the content with its address; without MLflow, without one.

    A repeated call replaces the report. ``page`` is the address of MLflow for people.
    """
    try:
        client = connect(tracking_uri)
        with tracking_errors(f"the report of wave {content.current_wave}"):
            client.log_text(mlflow_run_id, report_html(content), REPORT_FILE)
    except DtcError as error:
        _log.warning("the report was not written", reason=str(error))
        return content
    return replace(content, report_url=report_address(page, mlflow_run_id))
