"""The drift check as a step of the pipeline: compare once, report to MLflow, keep in Postgres."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import structlog
from dtc_data import Catalogue, Wave
from dtc_data.core import read_settings
from dtc_data.tables import CURRENT, REFERENCE, UnitTable, WaveSample, transaction, wave_called
from sqlalchemy import Engine

from dtc_monitoring.checks.beside_verdict import beside_verdict
from dtc_monitoring.checks.check_log import log_check
from dtc_monitoring.checks.drift_check import DriftCheck
from dtc_monitoring.checks.planner_check import moves_beside
from dtc_monitoring.checks.stored_checks import record_check
from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import assess_and_draw, with_samples

_log = structlog.get_logger()


def check_drift(  # noqa: PLR0913 - what is compared, and where it is stored; most by keyword
    wave_pair: pd.DataFrame,
    catalogue: Catalogue,
    *,
    reference_wave: str,
    current_wave: str,
    run_id: str,
    engine: Engine,
    tracking_uri: str,
    rows_as_of: datetime | None = None,
    public_url: str | None = None,
    settings: DriftSettings | None = None,
) -> dict[str, Any]:
    """Compare two waves and store the verdict with its evidence.

    A repeated call replaces the pipeline run's row in Postgres and its run in MLflow.

    Parameters
    ----------
    wave_pair : DataFrame
        The respondents of both waves with the catalogue's features, as `dtc_data.tables.wave_pair.stack_waves` gives them.
    catalogue : Catalogue
        Names the features and the registered model.
    reference_wave, current_wave : str
        Which waves they are, like ``2025-01``.
    run_id : str
        The pipeline run that makes the check.
    engine : Engine
        The customer database.
    tracking_uri : str
        Address of MLflow.
    rows_as_of : datetime, optional
        When the respondents were loaded, or a moment before; now if not given. The check rests on whoever is withdrawn after it.
    public_url : str, optional
        Address of MLflow for people, who find the report there; the other one if not given.
    settings : DriftSettings, optional
        The limits; read from the environment if not given.

    Returns
    -------
    dict
        The check as plain JSON types, see `DriftCheck.to_dict`.

    Raises
    ------
    DriftCheckError
        If the waves cannot be compared.
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or does not take the report.
    DatabaseUnavailableError
        If Postgres does not take the verdict.
    """
    before, after = Wave.parse(reference_wave), Wave.parse(current_wave)
    limits = settings or read_settings(DriftSettings)
    try:
        comparison = assess_and_draw(
            wave_called(wave_pair, REFERENCE), wave_called(wave_pair, CURRENT), catalogue, limits
        )
    except DriftCheckError as error:
        raise DriftCheckError(f"drift check of {after} against {before}: {error}") from error
    if len(wave_pair) >= limits.largest_wave // 2:  # fewer are not sampled
        reference, current = _samples(engine, catalogue, (before, after), limits.largest_wave)
        stated = with_samples(comparison.verdict, reference, current, catalogue.words)
        comparison = replace(comparison, verdict=stated)
    beside: dict[str, Any] = {}
    if catalogue.transactions is not None:
        with transaction(engine) as connection:
            beside = beside_verdict(connection, catalogue, after, limits)
    with transaction(engine) as connection:
        beside |= moves_beside(connection, catalogue, after, tracking_uri)
    logged = log_check(
        comparison,
        catalogue,
        reference_wave=before,
        current_wave=after,
        run_id=run_id,
        tracking_uri=tracking_uri,
        public_url=public_url,
    )
    check = DriftCheck(
        run_id=run_id,
        model_name=catalogue.registered_model,
        reference_wave=before,
        current_wave=after,
        checked_at=datetime.now(UTC),
        rows_as_of=rows_as_of,
        mlflow_run_id=logged.mlflow_run_id,
        report_url=logged.report_url,
        verdict=comparison.verdict,
        beside=beside,
    )
    with transaction(engine) as connection:
        record_check(connection, check)
    document = check.to_dict()
    shown = ("current_wave", "reference_wave", "status", "drifted_share", "drifted_columns", "report_url")
    _log.info("drift checked", **{key: document[key] for key in shown})
    return document


def _samples(engine: Engine, catalogue: Catalogue, waves: Sequence[Wave], most: int) -> list[WaveSample]:
    table = UnitTable(catalogue)
    with transaction(engine) as connection:
        return [table.sample(connection, wave, most) for wave in waves]
