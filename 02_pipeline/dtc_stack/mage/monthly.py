"""The monthly checks: a run for each active segmentation. Each is a run of its own, so that one which fails stops no other."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from dtc_data.catalogue import ListedSegmentations, Segmentation, list_segmentations
from dtc_data.core import CatalogueError, PostgresSettings, Wave, read_settings
from dtc_data.tables import make_engine, transaction, waves_in
from dtc_model.forecast_versions import ForecastRegistry
from dtc_model.registry import ModelRegistry
from dtc_model.settings import MlflowSettings
from dtc_monitoring.checks import latest_checks

from dtc_stack.errors import PipelineRunError
from dtc_stack.mage.project import FORECAST_MODEL, FORECAST_PIPELINE, TRIGGER, pipeline_of
from dtc_stack.mage.run_variables import month_before

MONTHS_PER_QUARTER: Final = 3

Start = Callable[[str, dict[str, Any]], None]
"""Starts a run, given the pipeline and its variables."""

_log = structlog.get_logger()


def start_monthly_checks(variables: Mapping[str, Any], start: Start | None = None) -> dict[str, Any]:
    """Start a run for each active segmentation, and one that forecasts customers, on the month before the date of this one.

    A segmentation is active if a version of it is in production and the database holds its reference wave: the one on which
    its catalogue was measured, else that of its newest check.

    Parameters
    ----------
    variables : mapping
        What Mage passes to a block.
    start : callable, optional
        Starts a run; Mage's own way if not given.

    Returns
    -------
    dict
        ``wave``, ``started`` (the reference wave by name) and ``inactive`` (by name, why). Plain JSON types.

    Raises
    ------
    PipelineRunError
        If the check of one could not be started; the message names each and why, and all others run by then.
    """
    wave, listed = month_before(variables), list_segmentations()
    started: dict[str, str] = {}
    inactive: dict[str, str] = {}
    failed: dict[str, str] = {}
    for name in [*listed.found, *listed.problems]:
        try:
            reference, why_not = _start_one(name, listed, wave, _start_in_mage if start is None else start)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are still to be checked
            failed[name] = str(error) or type(error).__name__
            continue
        if reference is None:
            inactive[name] = why_not
        else:
            started[name] = str(reference)
    try:
        _start_forecasts(wave, started, inactive, _start_in_mage if start is None else start)
    except Exception as error:  # noqa: BLE001 - likewise
        failed[FORECAST_MODEL] = str(error) or type(error).__name__
    _log.info("monthly checks", wave=str(wave), started=started, inactive=inactive, failed=failed)
    if failed:
        problems = "; ".join(f"{name}: {why}" for name, why in failed.items())
        raise PipelineRunError(f"wave {wave} was not checked for every segmentation. {problems}")
    return {"wave": str(wave), "started": started, "inactive": inactive}


def _start_forecasts(wave: Wave, started: dict[str, str], inactive: dict[str, str], start: Start) -> None:
    """Start the run that forecasts customers, if a forecast of theirs is in production."""
    if ForecastRegistry(read_settings(MlflowSettings).tracking_uri, FORECAST_MODEL).production_or_none() is None:
        inactive[FORECAST_MODEL] = "nothing of it is in production"
        return
    start(FORECAST_PIPELINE, {"current_wave": str(wave)})
    started[FORECAST_MODEL] = str(wave)


def _start_one(name: str, listed: ListedSegmentations, wave: Wave, start: Start) -> tuple[Wave | None, str]:
    """Start the check of one, and return what `_reference_wave` does."""
    if name in listed.problems:
        raise CatalogueError(listed.problems[name])
    if listed.found[name].catalogue.stores and wave.month % MONTHS_PER_QUARTER:
        return None, f"its waves are quarters, and none ends with {wave}"
    reference, why_not = _reference_wave(listed.found[name])
    if reference is not None:
        waves = {"reference_wave": str(reference), "current_wave": str(wave)}
        start(pipeline_of(listed.found[name]), {"segmentation": listed.found[name].argument} | waves)
    return reference, why_not


def _reference_wave(one: Segmentation) -> tuple[Wave | None, str]:
    """Return the reference wave of an active segmentation, or None and why it is not active."""
    registry = ModelRegistry.of(read_settings(MlflowSettings).tracking_uri, one)
    if registry.production_or_none() is None:
        return None, "nothing of it is in production"
    with transaction(make_engine(read_settings(PostgresSettings))) as connection:
        waves = waves_in(connection, one.catalogue.unit_table) or []
        checks = latest_checks(connection, one.catalogue.registered_model, limit=1)
    measured = registry.reference_wave()
    reference = Wave.parse(measured) if measured else next((check.reference_wave for check in checks), None)
    if reference is None:
        return None, "it has no reference wave: no version was measured on one, and nothing was checked yet"
    if reference not in waves:
        return None, f"the table {one.catalogue.unit_table!r} holds nothing of its reference wave {reference}"
    return reference, ""


def _start_in_mage(pipeline: str, variables: dict[str, Any]) -> None:
    """Put a run into Mage's database by the trigger that others start runs with; its scheduler takes it up."""
    from mage_ai.orchestration.triggers.api import trigger_pipeline  # noqa: PLC0415 - only inside a run

    trigger_pipeline(pipeline, variables=variables, schedule_name=TRIGGER, verbose=False)
