"""The texts of alerts about forecasts: how they came out, what was done, and what people decide."""

from collections.abc import Mapping, Sequence
from typing import Any

from dtc_monitoring.alerts.messages import LONGEST_REASON, shorten_message, write_message

_HEADLINES = {
    "kept": "The forecasts of who leaves hold",
    "worse": "The forecasts of who leaves rank worse than promised",
    "miscalibrated": "The forecasts of who leaves predict the wrong level",
    "untrained": "There was no forecast of who leaves yet",
}


def forecast_alert(outcome: Mapping[str, Any], decision: Mapping[str, Any] | None, page: str) -> str:
    """Write how the forecasts of a wave came out.

    Parameters
    ----------
    outcome : mapping
        ``wave``, ``status``, ``accounts`` (their words), ``forecast`` (its words) and ``drift`` (its words).
    decision : mapping, optional
        What became of the version that was trained as a result: ``version``, ``decision``, ``promoted``, ``reason``.
    page : str
        Address of MLflow for people.
    """
    parts = {
        "What changed": [*outcome["accounts"], *filter(None, [outcome["drift"]])],
        "What was done": [*filter(None, [outcome["forecast"]]), *_done(decision)],
        "What you decide": _decide(decision, nothing_serves=outcome["status"] == "untrained"),
        "Where to look": [f"`make forecast_versions` and {page}: trainings with their reports."],
    }
    return write_message(_HEADLINES[outcome["status"]], f"Wave {outcome['wave']}.", parts)


def forecasts_failed_alert(wave: str, reason: str) -> str:
    """Write the alert for a run of forecasts that did not finish.

    Parameters
    ----------
    wave : str
        Whose customers should have been forecast.
    reason : str
        What went wrong, as the error says it.
    """
    parts = {
        "What went wrong": [
            shorten_message(reason.strip(), LONGEST_REASON) or "The run ended with an error without a message."
        ],
        "What was done": [
            "What was stored before stays. Whether earlier forecasts hold is not known: this is not an all-clear."
        ],
        "What you decide": [f"Fix the cause, then run it again with make forecast_pipeline WAVE={wave}."],
    }
    return write_message("The forecast run failed", f"Wave {wave}.", parts)


def _done(decision: Mapping[str, Any] | None) -> Sequence[str]:
    if decision is None:
        return ["Nothing was trained."]
    reason = str(decision["reason"]).rstrip(".")
    done = "went into production" if decision["promoted"] else "was trained and is not in production"
    if decision["decision"] == "in_production":
        return [f"Retraining leads to the version in production: {reason}."]
    return [f"Version {decision['version']} {done}: {reason}."]


def _decide(decision: Mapping[str, Any] | None, *, nothing_serves: bool) -> Sequence[str]:
    if decision is None or decision["decision"] not in {"gate_failed", "waits_for_approval"}:
        return []
    version = decision["version"]
    said = f"VERSION={version} BY=you WHY='the reason'"
    meanwhile = "nobody is forecast" if nothing_serves else "the previous version goes on serving"
    return [
        f"`make promote_forecast {said}` puts it into production.",
        f"`make reject_forecast {said}` refuses it. Until then {meanwhile}.",
    ]
