"""The texts of the alerts, in plain words for people who are no statisticians."""

from dataclasses import dataclass

from dtc_data import Wave

from dtc_monitoring.drift_check import DriftCheck
from dtc_monitoring.verdict_words import no_drift_headline, reason, warnings

MESSAGE_UNITS = 4096
"""Longest message that Telegram takes, counted in UTF-16 code units to be on the safe side."""
LISTED_COLUMNS = 15
"""Most columns that an alert names; the report has all."""

_CUT = " … (cut)"


@dataclass(frozen=True)
class Retraining:
    """What was trained because of a drift, and what became of it."""

    trained_on: Wave
    k: int
    """Groups of respondents (clusters) that the registered version has."""
    silhouette: float
    silhouette_inertia_ratio: float
    version: str
    """The version that was registered."""
    promoted: bool
    reason: str = ""
    """Why the version was not promoted, as a clause."""
    missing: tuple[str, ...] = ()
    """Names of the personas that no group stands for."""


def drift_alert(
    check: DriftCheck, retraining: Retraining, production_version: str | None, headline: str | None = None
) -> str:
    """Write the alert for a wave that drifted.

    Parameters
    ----------
    check : DriftCheck
        The check with verdict ``drift``.
    retraining : Retraining
        What was done about it.
    production_version : str or None
        The version that labels respondents now, if there is one.
    headline : str, optional
        First line (setting MESSAGE_DRIFT).
    """
    return _message(
        headline or "Drift: respondents answer differently than before",
        f"{_current(check)} was compared with {_reference(check)}.",
        f"{_changed(check)}. {reason(check.verdict)}",
        *([f"Clearest change first: {_drifted_columns(check)}."] if check.verdict.drifted_columns else []),
        *warnings(check.verdict),
        "",
        _trained(retraining),
        _outcome(retraining, check.model_name, production_version),
        "",
        f"Report: {check.report_url}",
    )


def no_drift_alert(check: DriftCheck, production_version: str | None, headline: str | None = None) -> str:
    """Write the message for a wave that did not drift; only its mix may have changed.

    Parameters as for `drift_alert`; the first line (setting MESSAGE_NODRIFT) is that of a stable wave.
    """
    which = f": {_drifted_columns(check)}" if check.verdict.drifted_columns else ""
    return _message(
        (check.verdict.status == "stable" and headline) or no_drift_headline(check.verdict),
        f"{_current(check)} was compared with {_reference(check)}.",
        f"{_changed(check)}{which}. {reason(check.verdict)}",
        *warnings(check.verdict),
        "",
        f"Nothing was trained. {_in_production(check.model_name, production_version)}",
        "",
        f"Report: {check.report_url}",
    )


def check_failed_alert(reference_wave: str, current_wave: str, error: Exception) -> str:
    """Write the alert for a check that could not be made: nobody may take silence for "no drift"."""
    return _message(
        "Check failed: nothing is known about drift",
        f"Wave {current_wave} could not be compared with the reference wave {reference_wave}.",
        f"Reason: {error}",
        "",
        "Nothing was trained, and the pipeline run has failed. Mend the cause, then run it again.",
    )


def fit_message(text: str, units: int = MESSAGE_UNITS) -> str:
    """Cut a text that is too long for Telegram at the end of a line or word, and say that it was cut."""
    if len(text.encode("utf-16-le")) <= 2 * units:
        return text
    kept = text.encode("utf-16-le")[: 2 * (units - len(_CUT))].decode("utf-16-le", errors="ignore")
    end_of_word = max(kept.rfind("\n"), kept.rfind(" "))
    return (kept[:end_of_word] if end_of_word > len(kept) // 2 else kept).rstrip() + _CUT


def _message(headline: str, *lines: str) -> str:
    return fit_message("\n".join([headline, "", *lines]))


def _current(check: DriftCheck) -> str:
    return f"Wave {check.current_wave} ({check.verdict.n_current:,} respondents)"


def _reference(check: DriftCheck) -> str:
    return f"the reference wave {check.reference_wave} ({check.verdict.n_reference:,} respondents)"


def _changed(check: DriftCheck) -> str:
    verdict = check.verdict
    return f"{len(verdict.drifted_columns)} of {len(verdict.columns)} features changed ({verdict.drifted_share:.0%})"


def _drifted_columns(check: DriftCheck) -> str:
    """Name the drifted columns, the clearest change first."""
    drifted = sorted((c for c in check.verdict.columns if c.drifted), key=lambda column: column.p_value)
    names = ", ".join(column.name for column in drifted[:LISTED_COLUMNS])
    return names + (f" and {len(drifted) - LISTED_COLUMNS} more" if len(drifted) > LISTED_COLUMNS else "")


def _trained(retraining: Retraining) -> str:
    return (
        f"A new model was trained on wave {retraining.trained_on}. It finds {retraining.k} groups of respondents "
        f"(k = {retraining.k}, silhouette {retraining.silhouette:.3f}, ratio {retraining.silhouette_inertia_ratio:.5f})."
    )


def _outcome(retraining: Retraining, model_name: str, production_version: str | None) -> str:
    if retraining.promoted:
        return (
            f"It is in production now, as version {production_version} of {model_name}. The personas keep their names."
        )
    reason = f"\nReason: {retraining.reason.rstrip('.')}." if retraining.reason else ""
    missing = f"\nNo group stands for {', '.join(retraining.missing)}." if retraining.missing else ""
    return (
        f"It is kept as version {retraining.version}, but was not put into production.{reason}{missing}\n"
        f"{_in_production(model_name, production_version)}"
    )


def _in_production(model_name: str, version: str | None) -> str:
    if version is None:
        return f"No version of {model_name} is in production."
    return f"Version {version} of {model_name} stays in production."
