"""The drift checks of a segmentation: verdict and evidence as the report has them, and the reports themselves."""

from dataclasses import dataclass
from typing import Final, Literal

import httpx
from dtc_data.catalogue import Segmentation
from dtc_data.tables import Withdrawal, transaction, withdrawals_of
from dtc_model.errors import ModelUnavailableError
from dtc_monitoring.checks import EVIDENTLY_FILE, DriftCheck, latest_checks
from dtc_monitoring.report import (
    REPORT_FILE,
    ReportContent,
    changes,
    compared,
    headline,
    headline_code,
    read_content,
    sureness,
)
from dtc_monitoring.report import segments as segment_lines
from dtc_monitoring.verdict import Evidence

from dtc_dashboard.queries.sources import Sources

MOST_CHECKS: Final = 500
"""Checks that are looked at; several may be of one wave."""
FILES: Final = {"report": REPORT_FILE, "evidently": EVIDENTLY_FILE}
"""Reports of a check, and their files in MLflow."""
Report = Literal["report", "evidently"]
_SECONDS: Final = 20.0


@dataclass(frozen=True)
class CheckedWave:
    """The newest check of one wave."""

    content: ReportContent
    run_id: str
    """Of MLflow, where its reports lie."""
    withdrawn: tuple[Withdrawal, ...] = ()
    """Of the waves that it compared, those that were withdrawn after it."""

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        return headline(self.content)

    @property
    def headline_code(self) -> str:
        """Which headline that is."""
        return headline_code(self.content)

    @property
    def lines(self) -> list[str]:
        """What was compared, and how far the verdict can be trusted."""
        return [compared(self.content), *sureness(self.content)]

    @property
    def changes(self) -> list[str]:
        """What changed, the clearest first."""
        return [line.removeprefix("• ") for line in changes(self.content, most=None)]

    @property
    def segments(self) -> list[str]:
        """What became of each segment."""
        return [line.removeprefix("• ") for line in segment_lines(self.content, most=None)]

    @property
    def by_feature(self) -> list[Evidence]:
        """How far each feature moved within the segments, the farthest first."""
        found = [one for one in self.content.evidence if one.kind == "features" and one.scope == "feature"]
        return sorted((one for one in found if one.effect is not None), key=lambda one: -abs(one.effect or 0.0))


def read_checks(sources: Sources, segmentation: Segmentation) -> list[CheckedWave]:
    """Return the newest check of each wave, the latest wave first.

    Raises
    ------
    DatabaseUnavailableError
        If Postgres cannot be reached.
    """
    catalogue = segmentation.catalogue
    with transaction(sources.engine) as connection:
        checks = latest_checks(connection, catalogue.registered_model, MOST_CHECKS)
        withdrawals = withdrawals_of(connection, catalogue.unit_table)
    newest = {check.current_wave: check for check in reversed(checks)}
    earlier = [check.to_dict() for check in checks]
    return [
        CheckedWave(
            read_content(
                check.to_dict(),
                segments=catalogue.segment_names,
                earlier=earlier,
                feature_names=catalogue.feature_names,
                survey=catalogue.name,
                words=catalogue.words,
                titles={feature.name: feature.title for feature in catalogue.features},
            ),
            check.mlflow_run_id,
            _since(withdrawals, check),
        )
        for _, check in sorted(newest.items(), reverse=True)
    ]


def _since(withdrawals: list[Withdrawal], check: DriftCheck) -> tuple[Withdrawal, ...]:
    return tuple(one for one in withdrawals if check.rests_on([one]))


def fetch_report(sources: Sources, segmentation: Segmentation, run_id: str, report: Report) -> bytes | None:
    """Return a report of a check of this segmentation, as it was written; None if there is none.

    Raises
    ------
    ModelUnavailableError
        If MLflow cannot be reached.
    """
    if run_id not in {wave.run_id for wave in read_checks(sources, segmentation)}:
        return None
    uri = sources.mlflow.tracking_uri.rstrip("/")
    try:
        query = {"run_id": run_id, "path": FILES[report]}
        answer = httpx.get(f"{uri}/get-artifact", params=query, timeout=_SECONDS)
    except httpx.HTTPError as error:
        raise ModelUnavailableError(f"the MLflow server at {uri} cannot be reached ({type(error).__name__})") from error
    return answer.content if answer.is_success else None
