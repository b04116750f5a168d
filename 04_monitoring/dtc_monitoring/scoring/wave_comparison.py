"""Two waves compared within personas: scores, effects and p-values, before anything is decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from dtc_model.rule import SegmentModel
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types

from dtc_monitoring.reference import Directions, Family, Score, WaveAnswers, chunks, learn
from dtc_monitoring.scoring.label_scores import ScoreTest, of_mix, within_segments
from dtc_monitoring.scoring.monte_carlo import Weighted, redrawn_p_value
from dtc_monitoring.scoring.wave_odds import estimate_ratios
from dtc_monitoring.scoring.wave_pass import WavePass
from dtc_monitoring.scoring.wave_sums import Chunk

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

    def tested(self, family: Family) -> tuple[float, float]:
        """Return statistic and p-value of the directions that were of a family, tested together."""
        return self._tested[family]

    @cached_property
    def _tested(self) -> dict[Family, tuple[float, float]]:
        statistics, p_values = self.within.statistics(self.within.scores), self.within.p_values(self.within.scores)
        pairs = zip(statistics.tolist(), p_values[: len(statistics)].tolist(), strict=True)
        return dict(zip(self.families, pairs, strict=True))


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
    redraw = min(len(reference), len(current)) <= largest_redrawn
    if redraw:
        reference, current = (wave.evenly(ENOUGH_BESIDE) for wave in (reference, current))
    waves = (reference, current)
    learned = learn(reference, current, model, is_number)
    ratios = _ratios(waves, learned)
    directions = replace(learned, present=ratios >= SMALLEST_PRESENT)
    share = len(current) / (len(reference) + len(current))
    taken = WavePass.over(waves, directions, ratios, keep=redraw)
    tested = within_segments(taken.within, directions)
    mixed = of_mix(taken.mix, len(model.segment_ids))
    random = np.random.default_rng(_SEED)
    return WaveComparison(
        families=directions.families,
        within=tested,
        within_p=_p_value(tested, taken.kept, random, exchangeable=False),
        scores=directions.shapes.columns.scores,
        value_shares=_with_everybody(directions.shapes.means, directions.shapes.shares),
        share_steps=_with_everybody(directions.share_steps, directions.shapes.shares),
        effects=taken.overlap.effects(directions),
        mix=mixed,
        mix_p=_p_value(mixed, [chunk.with_equal_shares(share) for chunk in taken.kept], random, exchangeable=True),
        shares=taken.overlap.shares(),
        mean_fit=taken.overlap.mean_fit(),
    )


def _with_everybody(of_segments: FloatArray, shares: FloatArray) -> FloatArray:
    return np.vstack([of_segments, shares @ of_segments])


def _p_value(test: ScoreTest, kept: Sequence[Chunk], random: np.random.Generator, *, exchangeable: bool) -> float:
    """Draw labels again for the respondents that were kept; without them count the tests (Bonferroni)."""
    if not kept:
        return min(1.0, float(test.smallest(test.scores) * test.weights.sum()))
    columns, probabilities, weights, residuals = (
        np.concatenate([getattr(chunk, name) for chunk in kept])
        for name in ("columns", "probabilities", "weights", "residuals")
    )
    weighted = Weighted(weights, residuals, exchangeable) if kept[0].weighted else None
    return redrawn_p_value(test, columns, probabilities, weighted, random)


def _ratios(waves: Sequence[WaveAnswers], directions: Directions) -> FloatArray:
    looked_at = [wave.evenly(ODDS_FROM) for wave in waves]
    answers, weights = [wave.values for wave in looked_at], [wave.weight_of_each for wave in looked_at]
    memberships = [directions.shapes.memberships(wave[rows]) for wave in answers for rows in chunks(len(wave))]
    is_current = np.repeat([False, True], [len(wave) for wave in answers])
    return estimate_ratios(np.concatenate(memberships), is_current, np.concatenate(weights))
