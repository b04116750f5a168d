"""From the comparison of two waves to the verdict's status."""

from collections.abc import Iterable

from dtc_monitoring.scoring import WaveComparison
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict.evidence import Evidence, FalseAlarmRate
from dtc_monitoring.verdict.verdict import Status


def decide(compared: WaveComparison, within: Iterable[Evidence], mix: Evidence, settings: DriftSettings) -> Status:
    """Tell whether a comparison means drift, a shift of the mix, or neither.

    Both need two things: a change that chance explains too rarely, and one that is large enough to act on. Otherwise a
    large wave would raise an alarm at a difference that nobody cares about. Missing answers are named, but decide nothing:
    retraining would not bring them back.

    Parameters
    ----------
    compared : WaveComparison
    within : iterable of Evidence
        About features and fit within personas.
    mix : Evidence
        About the shares of all personas together.
    settings : DriftSettings
        How often the verdict may be wrong, and what counts as large enough.
    """
    if compared.within_p <= settings.false_alarms and any(piece.flagged for piece in within):
        return "drift"
    return "mix_shift" if mix.flagged else "stable"


def false_alarm_rate(settings: DriftSettings) -> FalseAlarmRate:
    """State how often the verdict is wrong when nothing changed."""
    drift, mix = settings.false_alarms, settings.mix_false_alarms
    words = (
        f"Of 1,000 waves from an unchanged population, about {1000 * drift:.3g} or fewer are called drift and about "
        f"{1000 * mix:.3g} or fewer a shift of the mix."
    )
    return FalseAlarmRate(drift, mix, words)
