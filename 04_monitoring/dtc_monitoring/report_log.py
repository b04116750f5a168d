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


def log_report(content: ReportContent, mlflow_run_id: str, tracking_uri: str) -> ReportContent:
    """Log the report to the check's run, and give the content with its address; without MLflow, without one.

    A repeated call replaces the report.
    """
    address = f"{content.evidently_url.rpartition('/')[0]}/{REPORT_FILE}" if content.evidently_url else ""
    try:
        client = connect(tracking_uri)
        with tracking_errors(f"the report of wave {content.current_wave}"):
            client.log_text(mlflow_run_id, report_html(content), REPORT_FILE)
    except DtcError as error:
        _log.warning("the report was not written", reason=str(error))
        return content
    return replace(content, report_url=address)
