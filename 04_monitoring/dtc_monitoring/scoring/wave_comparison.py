"""Two waves compared within personas: scores, effects and p-values, before anything is decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from dtc_model.rule import SegmentModel
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_monitoring.reference import Directions, Family, Score, WaveAnswers, learn
from dtc_monitoring.scoring.label_scores import of_mix, within_segments
from dtc_monitoring.scoring.p_values import ScoreTest, Weighted, redrawn_p_value
from dtc_monitoring.scoring.wave_odds import estimate_ratios
from dtc_monitoring.scoring.wave_pass import chunks, pass_over
from dtc_monitoring.scoring.wave_sums import Observed

FloatArray = npt.NDArray[np.float64]

LARGEST_REDRAWN: Final = 5_000
"""Respondents of the smaller wave up to which labels are redrawn; beyond, the chi-square distribution is exact enough."""
ENOUGH_BESIDE: Final = 50_000
"""Respondents of the larger wave, evenly spread over its rows, that are compared with so few; more add next to nothing."""
ODDS_FROM: Final = 100_000
"""Respondents of a wave from which the ratios of shares are estimated, evenly spread over its rows."""
SMALLEST_PRESENT: Final = 0.1
"""Smallest ratio of a persona's shares with which the current wave still has it. Those who seem to belong to a persona that has all
but vanished are others at its border, and comparing them would take the border's error for drift."""
_SEED: Final = 20_250_301
"""Of the redraws: the same waves always get the same verdict."""


@dataclass(frozen=True, eq=False)
class WaveComparison:
    """What the data say."""

    families: dict[Family, slice]
    """Positions of the directions that were tested together."""
    within: ScoreTest
    within_p: float
    """How probable differences like those within personas are if at most the mix changed."""
    tested: dict[Family, tuple[float, float]]
    """Statistic and p-value of the directions of each family, tested together."""
    scores: tuple[Score, ...]
    """What the directions of a segment's features are about, in their order."""
    value_shares: FloatArray
    """Means of the scores in the reference wave, of which those of values are shares, ``(n_segments + 1, n_scores)``; the last
    row is everybody's."""
    share_steps: FloatArray
    """By how much these shares grow per spread of an effect, likewise."""
    effects: FloatArray
    """By how much the current wave differs in each direction, ``(n_directions,)``."""
    mix: ScoreTest
    mix_p: float
    """How probable shares like these are if nothing changed."""
    shares: FloatArray
    """Shares by nearest persona in both waves, ``(2, n_segments)``."""
    mean_fit: FloatArray
    """Mean distance to the nearest persona in both waves, ``(2,)``."""


def compare_answers(
    reference: WaveAnswers,
    current: WaveAnswers,
    model: SegmentModel,
    is_number: Sequence[bool],
    largest_redrawn: int = LARGEST_REDRAWN,
) -> WaveComparison:
    """Compare two waves within personas and by their shares.

    Parameters
    ----------
    reference, current : WaveAnswers
    model : SegmentModel
        The catalogue's centroids.
    is_number : sequence of bool
        Per feature, whether its answers count as numbers and not as a few values.
    largest_redrawn : int
        Respondents of the smaller wave up to which p-values come from redrawn labels.
    """
    with threadpool_limits(limits=1, user_api="blas"):  # many small products: threads would cost more than they bring
        return _compare(reference, current, model, is_number, largest_redrawn)


def _compare(
    reference: WaveAnswers,
    current: WaveAnswers,
    model: SegmentModel,
    is_number: Sequence[bool],
    largest_redrawn: int,
) -> WaveComparison:
    redraw = min(len(reference.values), len(current.values)) <= largest_redrawn
    if redraw:
        reference, current = reference.evenly(ENOUGH_BESIDE), current.evenly(ENOUGH_BESIDE)
    waves = (reference, current)
    learned = learn(reference, current, model, is_number)
    ratios = _ratios(waves, learned)
    directions = replace(learned, present=ratios >= SMALLEST_PRESENT)
    totals = pass_over(waves, directions, ratios, keep=redraw)
    observed, observed_mix = Observed.of(totals.kept), Observed.of(totals.kept_mix)
    shares, mean_fit = totals.overlap.shares(), totals.overlap.mean_fit()
    within, mix = within_segments(totals.within, directions), of_mix(totals.mix, len(model.segment_ids))
    random = np.random.default_rng(_SEED)
    within_p = _p_value(within, observed, random, exchangeable=False)
    mix_p = _p_value(mix, observed_mix, random, exchangeable=True)
    shapes, families, segment_of = directions.shapes, directions.families, directions.segment_of
    return WaveComparison(
        families=families,
        within=within,
        within_p=within_p,
        tested=dict(zip(families, within.tested(), strict=True)),
        scores=shapes.columns.scores,
        value_shares=_with_everybody(shapes.means, shapes.shares),
        share_steps=_with_everybody(directions.share_steps, shapes.shares),
        effects=totals.overlap.effects(segment_of),
        mix=mix,
        mix_p=mix_p,
        shares=shares,
        mean_fit=mean_fit,
    )


def _with_everybody(of_segments: FloatArray, shares: FloatArray) -> FloatArray:
    return np.vstack([of_segments, shares @ of_segments])


def _p_value(test: ScoreTest, observed: Observed | None, random: np.random.Generator, *, exchangeable: bool) -> float:
    """Draw the labels of the respondents that were kept again; without them count the tests (Bonferroni)."""
    if observed is None:
        return min(1.0, float(test.smallest(test.scores) * test.weights.sum()))
    weighted = Weighted(observed.weights, observed.residuals, exchangeable) if observed.weighted else None
    return redrawn_p_value(test, observed.columns, observed.probabilities, weighted, random)


def _ratios(waves: Sequence[WaveAnswers], directions: Directions) -> FloatArray:
    looked_at = [wave.evenly(ODDS_FROM) for wave in waves]
    weights = np.concatenate([wave.weight_of_each for wave in looked_at])
    sizes = [len(wave.values) for wave in looked_at]
    pieces = [wave.values[rows] for wave, size in zip(looked_at, sizes, strict=True) for rows in chunks(size)]
    memberships = np.concatenate([directions.shapes.memberships(piece) for piece in pieces])
    return estimate_ratios(memberships, np.repeat([False, True], sizes), weights)
