"""The report of a run beside Evidently's, in MLflow."""

from dataclasses import replace
from typing import Final

import structlog
from dtc_data.errors import DtcError
from dtc_model.connection import connect, tracking_errors

from dtc_monitoring.report_content import ReportContent
from dtc_monitoring.report_page import report_html

REPORT_FILE: Final = "report.html"
"""Artifact with the report."""

_log = structlog.get_logger()


def report_address(evidently_url: str, mlflow_run_id: str) -> str:
    """Give the address of the report as a file; empty if that of Evidently's is.

    MLflow's own pages show a report in a corner too small for a phone. What this address gives opens by itself.
    """
    public_url = evidently_url.partition("/#/")[0]
    return f"{public_url}/get-artifact?run_id={mlflow_run_id}&path={REPORT_FILE}" if public_url else ""


def log_report(content: ReportContent, mlflow_run_id: str, tracking_uri: str) -> ReportContent:
    """Log the report to the check's run, and give the content with its address; without MLflow, without one.

    A repeated call replaces the report.
    """
    address = report_address(content.evidently_url, mlflow_run_id)
    try:
        client = connect(tracking_uri)
        with tracking_errors(f"the report of wave {content.current_wave}"):
            client.log_text(mlflow_run_id, report_html(content), REPORT_FILE)
    except DtcError as error:
        _log.warning("the report was not written", reason=str(error))
        return content
    return replace(content, report_url=address)
