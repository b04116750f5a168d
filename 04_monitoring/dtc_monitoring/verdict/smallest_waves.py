"""From which size on a check can tell anything: below it nobody may read a quiet result as "no drift"."""

import math
from dataclasses import dataclass
from typing import Final

from dtc_data.catalogue import Words
from scipy import stats

from dtc_monitoring.reference import WaveAnswers
from dtc_monitoring.settings import DriftSettings

FINDABLE: Final = 1.0
"""Shift of one feature over everybody, in spreads, that a check must be able to find before a quiet result means anything."""
POWER: Final = 0.95
"""Probability with which a test of this shift alone would find it; the check, which looks for much else, finds it less often."""
LEAST_WEIGHTED: Final = 100
"""Effective respondents of a wave with unequal weights from which the stated rates of error hold (docs/drift.md)."""


@dataclass(frozen=True)
class TooFew:
    """Why a check cannot tell, and what would do."""

    words: str
    enough_reference: int
    """Respondents of the reference wave that would do."""
    enough_current: int
    """Respondents of the current wave that would do beside them."""


def too_few_to_find(
    before: WaveAnswers, after: WaveAnswers, words: Words, n_features: int, settings: DriftSettings
) -> TooFew | None:
    """Tell whether the waves are too small for a check that found nothing to mean anything; None if they are not.

    The usual size of a two-sample z-test: n m / (n + m) must reach the square of the sum of the two normal quantiles, of the
    false alarms (shared out among the features, Bonferroni) and of the power, over the shift (for instance Cohen, Statistical
    Power Analysis, 1988, chapter 2).
    """
    quantile = stats.norm.isf(settings.false_alarms / 2 / n_features) + stats.norm.ppf(POWER)
    needed = (quantile / FINDABLE) ** 2
    n, m = before.effective_size, after.effective_size
    if n * m / (n + m) >= needed:
        return None
    both = math.ceil(2 * needed)
    if n >= both:
        enough = len(before), math.ceil(_grown(after, needed * n / (n - needed)))
        would_do = f"about {words.units_counted(enough[1])} in the current wave would do"
    elif m >= both:
        enough = math.ceil(_grown(before, needed * m / (m - needed))), len(after)
        would_do = f"about {words.units_counted(enough[0])} in the reference wave would do"
    else:
        enough = both, both
        would_do = f"about {words.units_counted(both)} in each wave would do"
    counted = f"{words.units_counted(len(after))} against {len(before):,}{_by_weight(before, after)}"
    return TooFew(f"{counted} are too few to find even a change of one spread in one feature; {would_do}", *enough)


def too_few_carry_the_weight(before: WaveAnswers, after: WaveAnswers, words: Words) -> TooFew | None:
    """Tell whether so few respondents carry the weight that the stated rates of error do not hold; None if enough do."""
    waves = {"reference": before, "current": after}
    found = [name for name, wave in waves.items() if wave.weights is not None and wave.effective_size < LEAST_WEIGHTED]
    if not found:
        return None
    said = " and ".join(
        f"{words.units_counted(len(waves[name]))} of the {name} wave count like {waves[name].effective_size:.0f} by their weights"
        for name in found
    )
    enough = [math.ceil(_grown(wave, LEAST_WEIGHTED)) if name in found else len(wave) for name, wave in waves.items()]
    would_do = " and ".join(
        f"about {words.units_counted(count)} in the {name} wave"
        for name, count in zip(waves, enough, strict=True)
        if name in found
    )
    return TooFew(
        f"{said}, and below {LEAST_WEIGHTED} the rates of error that are stated do not hold; {would_do} with such weights "
        "would do, or weights that are trimmed",
        *enough,
    )


def _grown(wave: WaveAnswers, effective: float) -> float:
    """Return how many respondents with weights like these are worth so many."""
    return len(wave) * effective / wave.effective_size


def _by_weight(before: WaveAnswers, after: WaveAnswers) -> str:
    if before.weights is None and after.weights is None:
        return ""
    return f" (by their weights {after.effective_size:.0f} against {before.effective_size:.0f})"
