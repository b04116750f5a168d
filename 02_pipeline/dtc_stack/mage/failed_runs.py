"""People hear of every run that does not come to its end, whatever ended it, and once.

A block cannot tell of its own failure for sure: Mage kills its process as soon as it sees the failure, and what fails while a
block or its input is loaded never reaches the block. So the scheduler looks after each of its rounds, and Mage's database says
which runs ended badly and of which people were told.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog
from dtc_data.core import DtcError, PostgresSettings, read_settings
from sqlalchemy.exc import SQLAlchemyError

from dtc_stack.mage.block_log import error_in
from dtc_stack.mage.project import FORECAST_MODEL, FORECAST_PIPELINE, MONTHLY_PIPELINE
from dtc_stack.mage.told_runs import note_told, prepare, untold

if TYPE_CHECKING:
    from dtc_monitoring.alerts import Stage

FIRST_WAIT_SECONDS: Final = 60.0
"""How long it takes until an alert that was not delivered is tried again; each time twice as long, up to an hour."""
LONGEST_WAIT_SECONDS: Final = 3600.0
RETRAINING: Final = ("train_models", "register_best_model", "promote_model")
"""Steps after a verdict of drift, up to the decision."""

_log = structlog.get_logger()


def watching(round_of_scheduler: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a round of Mage's scheduler that ends with a look at the runs that ended badly."""
    watch = FailureWatch()

    def round_and_look(trigger: Any) -> None:
        round_of_scheduler(trigger)
        watch.look()

    return round_and_look


class FailureWatch:
    """Lets a job of Mage's queue tell of each run that ended badly, and again until people were told."""

    def __init__(self) -> None:
        self._prepared = False
        self._next: dict[int, tuple[float, float]] = {}
        """By run: when to try next, and how long to wait after that."""

    def look(self) -> None:
        """Start a job for each run of which people have yet to hear; the scheduler does not wait for Telegram."""
        from mage_ai.orchestration.db import engine  # noqa: PLC0415 - Mage connects when it is imported
        from mage_ai.orchestration.job_manager import JobType, get_job_manager  # noqa: PLC0415 - likewise

        try:
            with engine.begin() as connection:
                if not self._prepared:
                    prepare(connection)
                self._prepared = True
                runs = untold(connection)
        except SQLAlchemyError as error:
            _log.warning("runs that failed were not looked for", reason=str(error))
            return
        for run_id in runs:
            if self._is_due(run_id):
                get_job_manager().add_job(JobType.GENERIC_JOB, f"tell_of_run_{run_id}", tell_of_run, run_id)

    def _is_due(self, run_id: int) -> bool:
        now = time.monotonic()
        when, wait = self._next.get(run_id, (now, FIRST_WAIT_SECONDS))
        if now < when:
            return False
        self._next[run_id] = (now + wait, min(2 * wait, LONGEST_WAIT_SECONDS))
        return True


def tell_of_run(run_id: int) -> None:
    """Tell people of a run that ended badly, and note that they were told; in a worker of Mage's."""
    from mage_ai.orchestration.db import engine  # noqa: PLC0415 - Mage connects when it is imported
    from mage_ai.orchestration.db.models.schedules import PipelineRun  # noqa: PLC0415 - likewise

    if tell_people(PipelineRun.query.get(run_id))["status"] != "failed":
        with engine.begin() as connection:
            note_told(connection, run_id)


def tell_people(run: Any) -> dict[str, str]:
    """Tell people of a run that ended badly, given as Mage's ``PipelineRun``, and return what became of the alert."""
    from dtc_monitoring.alerts import (  # noqa: PLC0415 - the scheduler need not have it
        tell_of_checks_not_started,
        tell_of_failed_forecasts,
        tell_of_failed_run,
    )

    from dtc_stack.mage.run_variables import (  # noqa: PLC0415 - imports MLflow, likewise
        model_of,
        month_before,
        names_for_alerts,
    )

    errors = {block.block_uuid: error_in(block.logs.get("content") or "") for block in run.failed_block_runs}
    reason, variables = reason_of(run.id, str(run.status.value), errors), run.get_variables()
    if run.pipeline_uuid == MONTHLY_PIPELINE:
        month = str(month_before(variables))
        record(run.id, "start", reason, {"reference_wave": "", "current_wave": month}, "")
        return tell_of_checks_not_started(month, reason)
    if run.pipeline_uuid == FORECAST_PIPELINE:
        month = str(variables.get("current_wave") or month_before(variables))
        record(run.id, "forecast", reason, {"reference_wave": "", "current_wave": month}, FORECAST_MODEL)
        return tell_of_failed_forecasts(month, reason)
    stage = stage_of({block.block_uuid: str(block.status.value) for block in run.block_runs})
    names = names_for_alerts(variables)
    record(run.id, stage, reason, names, model_of(variables))
    return tell_of_failed_run(stage, reason, **names)


def record(run_id: int, stage: str, reason: str, names: Mapping[str, Any], model_name: str) -> None:
    """Keep a run that ended badly where the pages read it; without Postgres people hear of it all the same."""
    from dtc_data.tables import make_engine, transaction  # noqa: PLC0415 - the scheduler need not have it
    from dtc_monitoring.checks import RunFailure, record_failed_run  # noqa: PLC0415 - likewise

    about = {name: str(names.get(name, "")) for name in ("survey", "reference_wave", "current_wave")}
    try:
        with transaction(make_engine(read_settings(PostgresSettings))) as connection:
            record_failed_run(
                connection, RunFailure(run_id=str(run_id), model_name=model_name, stage=stage, reason=reason, **about)
            )
    except DtcError as error:
        _log.warning("a run that failed was not recorded", reason=str(error))


def stage_of(statuses: Mapping[str, str]) -> "Stage":
    """Tell what a run was about when it ended, by the states of its blocks."""
    if statuses.get("check_drift") != "completed":
        return "check"
    begun = any(statuses.get(step) not in {None, "initial", "condition_failed"} for step in RETRAINING)
    return "retraining" if begun and statuses.get(RETRAINING[-1]) != "completed" else "telling"


def reason_of(run_id: int, status: str, errors: Mapping[str, str | None]) -> str:
    """Say why a run ended."""
    if errors:
        return "; ".join(f"{step}: {error or 'Mage keeps no message'}" for step, error in errors.items())
    if status == "cancelled":
        return f"Run {run_id} was cancelled in Mage before its end."
    return f"Run {run_id} failed, and none of its steps did: it took too long, or could not be started. Its log in Mage says more."
