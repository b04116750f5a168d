"""One pass over the respondents of two waves, a chunk at a time, in two threads."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import add
from typing import Final

import numpy as np
import numpy.typing as npt

from dtc_monitoring.reference import Directions, WaveAnswers
from dtc_monitoring.scoring.wave_sums import Chunk, Totals

FloatArray = npt.NDArray[np.float64]

_THREADS: Final = 2
"""Always as many, so that sums are added in the same order on every machine and come out alike to the last digit."""
_CHUNK: Final = 4_096
"""Respondents taken at a time: their directions stay in the processor's cache, and a million needs little memory."""


def pass_over(waves: Sequence[WaveAnswers], directions: Directions, ratios: FloatArray, *, keep: bool) -> Totals:
    """Add up the respondents of the reference and the current wave.

    Parameters
    ----------
    waves : sequence of WaveAnswers
    directions : Directions
    ratios : ndarray of shape (n_segments,)
        Of the personas' shares.
    keep : bool
        Whether respondents are kept, which only waves of moderate size allow.
    """
    sizes = [len(wave.values) for wave in waves]
    share = sizes[1] / sum(sizes)
    pieces = [(is_current, rows) for is_current in (False, True) for rows in chunks(sizes[is_current])]
    at_a_time = -(-len(pieces) // _THREADS)

    def take(start: int) -> Totals:
        taken = _chunks(waves, directions, ratios, pieces[start : start + at_a_time])
        return reduce(add, (Totals.of(chunk, share, keep=keep) for chunk in taken))

    with ThreadPoolExecutor(_THREADS) as pool:
        return reduce(add, pool.map(take, range(0, len(pieces), at_a_time)))


def chunks(n_rows: int) -> list[slice]:
    """Cut rows into chunks."""
    return [slice(start, min(start + _CHUNK, n_rows)) for start in range(0, n_rows, _CHUNK)]


def _chunks(
    waves: Sequence[WaveAnswers], directions: Directions, ratios: FloatArray, pieces: Sequence[tuple[bool, slice]]
) -> Iterator[Chunk]:
    odds_of_segments = ratios * len(waves[1].values) / len(waves[0].values)
    weighted = any(wave.weights is not None for wave in waves)
    of_means = directions.model
    for is_current, rows in pieces:
        wave = waves[is_current]
        measured = directions.measure(wave.values[rows])
        if wave.labelled is not None:
            measured = measured._replace(fit=np.where(wave.labelled[rows], measured.fit, np.nan))
        odds = measured.memberships @ odds_of_segments
        yield Chunk(
            is_current=is_current,
            weights=np.ones(len(odds)) if wave.weights is None else wave.weights[rows],
            weighted=weighted,
            measured=measured,
            tilts=odds_of_segments / odds[:, None],
            probabilities=odds / (1 + odds),
            learned=directions.shapes.learned,
            model=of_means,
        )
