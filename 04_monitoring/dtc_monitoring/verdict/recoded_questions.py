"""Whether a question looks reversed or recoded since the reference wave: a hint for people, which decides nothing.

A question that is turned about turns its correlations with all other questions about, which no change of the people does;
where it goes with no other question, its answers must at least look the same once they are turned back. A question that was
recoded has the same answers again once a number is taken off or they are divided by it.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from dtc_data import Catalogue, Feature
from scipy import stats

from dtc_monitoring.reference import FloatArray, WaveAnswers
from dtc_monitoring.verdict.evidence import SPREADS, Evidence

LOOKED_AT: Final = 20_000
"""Respondents of a wave from whom this is judged, evenly spread."""
FEWEST: Final = 50
"""Answers in each wave below which nothing is said."""
FLIPPED: Final = -0.6
"""Cosine between the correlations of two waves, up to which a question looks reversed."""
NOISE_TIMES: Final = 4.0
"""How many times what chance gives the squared correlations must be, together, before their signs say anything."""
CLEARLY_OTHER: Final = 0.3
"""Distance of two distribution functions from which answers are clearly others."""
ALIKE: Final = 0.1
"""Distance up to which they are alike."""
FACTORS: Final = (100.0, 10.0, 0.1, 0.01)
"""By which answers may be multiplied: percent and shares, points and tenths."""


def find_recoded(reference: WaveAnswers, current: WaveAnswers, catalogue: Catalogue) -> tuple[Evidence, ...]:
    """Return a hint for each question that looks reversed or recoded.

    Weights are not looked at: they change no answer.
    """
    before, after = reference.evenly(LOOKED_AT).values, current.evenly(LOOKED_AT).values
    numbers = [position for position, feature in enumerate(catalogue.features) if feature.type != "category"]
    own = [_correlations(wave[:, numbers]) for wave in (before, after)]
    found = []
    for place, position in enumerate(numbers):
        answers = [wave[~np.isnan(wave[:, position]), position] for wave in (before, after)]
        if min(map(len, answers)) < FEWEST:
            continue
        sizes = [len(given) for given in answers]
        turned = _flip(own[0][place], own[1][place], sizes)
        words = next(_suspicions(catalogue.features[position], answers[0], answers[1], turned), None)
        if words:
            found.append(_hint(catalogue.features[position], words, answers[0], answers[1]))
    return tuple(found)


def _suspicions(feature: Feature, before: FloatArray, after: FloatArray, flip: float | None) -> Iterator[str]:
    """Say what was probably done to a question, the most probable first.

    ``flip`` is the cosine between its correlations before and after, None where they say nothing.
    """
    apart = _distance(before, after)
    turned = _distance(before, _turned(feature, before, after))
    if flip is not None and flip <= FLIPPED and turned <= apart + ALIKE:
        yield "looks reversed: who agreed with it before goes with those who disagree now"
    if apart < CLEARLY_OTHER:
        return
    for shift in {float(after.min() - before.min())} - {0.0}:
        if after.max() - before.max() == shift and _distance(before, after - shift) <= ALIKE:
            yield f"looks recoded: the answers are as before if {shift:g} is taken off"
    for factor in FACTORS:
        if _distance(before, after / factor) <= ALIKE:
            yield f"looks recoded: the answers are as before if they are divided by {factor:g}"
    if turned <= ALIKE and flip is None:
        yield "looks reversed: turned about, the answers are as before"


def _turned(feature: Feature, before: FloatArray, after: FloatArray) -> FloatArray:
    about = feature.turning_point
    turned: FloatArray = (before.min() + before.max() if about is None else about) - after
    return turned


def _distance(before: FloatArray, after: FloatArray) -> float:
    """Return the largest distance of the distribution functions (Kolmogorov and Smirnov)."""
    return float(stats.ks_2samp(before, after, method="asymp").statistic)


def _correlations(answers: FloatArray) -> FloatArray:
    """Return the correlation of each question with each other one, ``(n, n)``, 0 with itself; a gap counts as the mean."""
    gaps = np.isnan(answers)
    counts = np.maximum((~gaps).sum(axis=0), 1)
    means = np.where(gaps, 0.0, answers).sum(axis=0) / counts
    centred = np.where(gaps, 0.0, answers - means)
    lengths = np.sqrt((centred**2).sum(axis=0))
    scaled = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0)
    found: FloatArray = scaled.T @ scaled
    np.fill_diagonal(found, 0.0)
    return found


def _flip(before: FloatArray, after: FloatArray, sizes: list[int]) -> float | None:
    """Return the cosine between a question's correlations before and after; None if they are no more than chance gives."""
    squares = [float((own**2).sum()) for own in (before, after)]
    chance = [NOISE_TIMES * (len(before) - 1) / size for size in sizes]
    if any(own <= limit for own, limit in zip(squares, chance, strict=True)):
        return None
    return float(before @ after / np.sqrt(squares[0] * squares[1]))


def _hint(feature: Feature, words: str, before: FloatArray, after: FloatArray) -> Evidence:
    spread = float(before.std())
    return Evidence(
        kind="recoding",
        name=feature.name,
        words=f"{feature.title} {words}. Look at the questionnaire and the file before you act on this verdict.",
        flagged=True,
        effect=float(after.mean() - before.mean()) / spread if spread else None,
        effect_unit=SPREADS,
    )
