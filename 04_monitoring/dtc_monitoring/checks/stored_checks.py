"""Drift checks as the database keeps them: one row per pipeline run, in the table ``drift_checks``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dtc_data.core import Wave
from dtc_data.tables import Withdrawal, withdrawn_since
from sqlalchemy import Column, Connection, DateTime, Double, MetaData, Row, String, Table, func, inspect, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert

from dtc_monitoring.checks.drift_check import BESIDE, ROWS_AS_OF, DriftCheck
from dtc_monitoring.verdict import DriftVerdict

CHECKS: Final = Table(
    "drift_checks",
    MetaData(),
    Column("run_id", String, primary_key=True),
    Column("model_name", String, nullable=False),
    Column("reference_wave", String, nullable=False),
    Column("current_wave", String, nullable=False),
    Column("checked_at", DateTime(timezone=True), nullable=False),
    Column("status", String, nullable=False),
    Column("drifted_share", Double, nullable=False),
    Column("verdict", JSONB, nullable=False),
    Column("mlflow_run_id", String, nullable=False),
    Column("report_url", String, nullable=False),
)


def record_check(connection: Connection, check: DriftCheck) -> None:
    """Keep a check; recording the same pipeline run again replaces its row.

    The table is made if it is not there yet. A lock that ends with the transaction lets only one run do so at a time.
    """
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(CHECKS.name))))
    CHECKS.create(connection, checkfirst=True)
    row = {
        "run_id": check.run_id,
        "model_name": check.model_name,
        "reference_wave": str(check.reference_wave),
        "current_wave": str(check.current_wave),
        "checked_at": check.checked_at,
        "status": check.verdict.status,
        "drifted_share": check.verdict.drifted_share,
        "verdict": check.verdict.to_dict() | dict(check.beside) | _rows_as_of(check),
        "mlflow_run_id": check.mlflow_run_id,
        "report_url": check.report_url,
    }
    connection.execute(insert(CHECKS).values(row).on_conflict_do_update(index_elements=["run_id"], set_=row))


def _rows_as_of(check: DriftCheck) -> dict[str, str]:
    return {ROWS_AS_OF: check.rows_as_of.isoformat()} if check.rows_as_of else {}


def latest_checks(connection: Connection, model_name: str, limit: int = 20) -> list[DriftCheck]:
    """Return the checks made for a registered model, the newest first."""
    if not inspect(connection).has_table(CHECKS.name):
        return []
    newest = select(CHECKS).where(CHECKS.c.model_name == model_name).order_by(CHECKS.c.checked_at.desc()).limit(limit)
    return [_from_row(row) for row in connection.execute(newest)]


@dataclass(frozen=True)
class CheckedWave:
    """What the newest check of a wave found, without its evidence."""

    wave: Wave
    reference_wave: Wave
    status: str
    checked_at: datetime
    rows_as_of: datetime
    """When its respondents were loaded, or a moment before; that of the check if it is not known."""

    def rests_on_withdrawn(self, withdrawals: Iterable[Withdrawal]) -> bool:
        """Tell whether either wave was withdrawn after its respondents were loaded for the check."""
        return withdrawn_since(withdrawals, (self.wave, self.reference_wave), self.rows_as_of)


_TOLD: Final = (
    CHECKS.c.current_wave,
    CHECKS.c.reference_wave,
    CHECKS.c.status,
    CHECKS.c.checked_at,
    CHECKS.c.verdict[ROWS_AS_OF].astext.label(ROWS_AS_OF),
)


def latest_statuses(connection: Connection, model_name: str) -> dict[Wave, str]:
    """Return the status of the newest check of each wave that was checked for a registered model."""
    return {wave: checked.status for wave, checked in checked_waves(connection, model_name).items()}


def checked_waves(connection: Connection, model_name: str) -> dict[Wave, CheckedWave]:
    """Return the newest check of each wave that was checked for a registered model."""
    if not inspect(connection).has_table(CHECKS.name):
        return {}
    newest = (
        select(*_TOLD)
        .ext(distinct_on(CHECKS.c.current_wave))
        .where(CHECKS.c.model_name == model_name)
        .order_by(CHECKS.c.current_wave, CHECKS.c.checked_at.desc())
    )
    return {checked.wave: checked for checked in (_checked(row) for row in connection.execute(newest))}


def newest_checked_wave(connection: Connection, model_name: str) -> CheckedWave | None:
    """Return the newest check made for a registered model; None if there is none."""
    if not inspect(connection).has_table(CHECKS.name):
        return None
    newest = select(*_TOLD).where(CHECKS.c.model_name == model_name).order_by(CHECKS.c.checked_at.desc()).limit(1)
    row = connection.execute(newest).first()
    return _checked(row) if row else None


def _checked(row: Row[*tuple[Any, ...]]) -> CheckedWave:
    loaded = datetime.fromisoformat(row.rows_as_of) if row.rows_as_of else row.checked_at
    return CheckedWave(Wave.parse(row.current_wave), Wave.parse(row.reference_wave), row.status, row.checked_at, loaded)


def _from_row(row: Row[*tuple[Any, ...]]) -> DriftCheck:
    return DriftCheck(
        run_id=row.run_id,
        model_name=row.model_name,
        reference_wave=Wave.parse(row.reference_wave),
        current_wave=Wave.parse(row.current_wave),
        checked_at=row.checked_at,
        mlflow_run_id=row.mlflow_run_id,
        report_url=row.report_url,
        verdict=DriftVerdict.from_dict(row.verdict),
        beside={name: row.verdict[name] for name in BESIDE if name in row.verdict},
        rows_as_of=datetime.fromisoformat(row.verdict[ROWS_AS_OF]) if ROWS_AS_OF in row.verdict else None,
    )
