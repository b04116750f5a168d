"""One pass over the respondents of two waves, a chunk at a time, in two threads."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import reduce
from operator import add
from typing import Final

import numpy as np
import numpy.typing as npt

from dtc_monitoring.reference import Directions, WaveAnswers, chunks
from dtc_monitoring.scoring.wave_sums import Chunk, Overlap, WaveSums

FloatArray = npt.NDArray[np.float64]

_THREADS: Final = 2
"""Always as many, so that sums are added in the same order on every machine and come out alike to the last digit."""


@dataclass(frozen=True, eq=False)
class WavePass:
    """What respondents add up to."""

    within: WaveSums
    """Beside the null hypothesis that at most the mix changed."""
    mix: WaveSums
    """Beside the null hypothesis that nothing changed."""
    overlap: Overlap
    kept: tuple[Chunk, ...]
    """The respondents themselves, if they are to be kept."""

    @classmethod
    def over(
        cls, waves: Sequence[WaveAnswers], directions: Directions, ratios: FloatArray, *, keep: bool
    ) -> "WavePass":
        """Take the respondents of the reference and the current wave.

        Parameters
        ----------
        waves : sequence of WaveAnswers
        directions : Directions
        ratios : ndarray of shape (n_segments,)
            Of the personas' shares.
        keep : bool
            Whether respondents are kept, which only waves of moderate size allow.
        """
        share = len(waves[1]) / (len(waves[0]) + len(waves[1]))
        pieces = [(is_current, rows) for is_current in (False, True) for rows in chunks(len(waves[is_current]))]
        size = -(-len(pieces) // _THREADS)

        def take(start: int) -> WavePass:
            taken = _chunks(waves, directions, ratios, pieces[start : start + size])
            return reduce(add, (cls._of(chunk, share, keep=keep) for chunk in taken))

        with ThreadPoolExecutor(_THREADS) as pool:
            return reduce(add, pool.map(take, range(0, len(pieces), size)))

    @classmethod
    def _of(cls, chunk: Chunk, share: float, *, keep: bool) -> "WavePass":
        mix = WaveSums.of(chunk.with_equal_shares(share))
        return cls(WaveSums.of(chunk), mix, Overlap.of(chunk), (chunk,) if keep else ())

    def __add__(self, other: "WavePass") -> "WavePass":
        """Add other respondents."""
        pairs = ((getattr(self, entry.name), getattr(other, entry.name)) for entry in fields(self))
        return WavePass(*(mine + theirs for mine, theirs in pairs))


def _chunks(
    waves: Sequence[WaveAnswers], directions: Directions, ratios: FloatArray, pieces: Sequence[tuple[bool, slice]]
) -> Iterator[Chunk]:
    odds_of_segments = ratios * len(waves[1]) / len(waves[0])
    weighted = any(wave.weights is not None for wave in waves)
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
            model=directions.model,
        )
