"""The search for mixtures: many starts for each number of segments, and the best of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
from sklearn.cluster import KMeans

from dtc_model.clustering.evidence import bic, log_evidence
from dtc_model.clustering.expectation import POOLED_BELOW, FoundMixture, expect, find_mixture
from dtc_model.clustering.training_units import TrainingUnits
from dtc_model.rule import FloatArray, IndexArray, Spread

STARTS: Final = 12
"""Starts for each number of segments with pooled spreads; the other kinds begin where those ended, and at a few places more."""
SEARCHED_UNITS: Final = 5_000
"""Units on which starts are tried at most; the best go on with all units."""

_STARTS_OF_OTHERS: Final = 3
_SHORT_STEPS: Final = 30
_ROUGH: Final = 1e-3
"""Tolerance of the short runs: enough to tell which start leads where."""
_BEST_STARTS: Final = 3


@dataclass(frozen=True, eq=False)
class Mixture:
    """The best mixture of one number of segments."""

    found: FoundMixture
    bic: float
    log_evidence: float

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.found.parameters.shares)

    @classmethod
    def measure(cls, found: FoundMixture, units: TrainingUnits) -> "Mixture":
        """Take the figures of a mixture."""
        return cls(found, bic(found, len(units)), log_evidence(found, units))


def search_mixtures(  # noqa: PLR0913 - units and numbers of segments; the rest by keyword
    units: TrainingUnits,
    ks: Iterable[int],
    coordinates: FloatArray,
    *,
    seed: int,
    held: IndexArray | None = None,
    spreads: Iterable[Spread] = get_args(Spread),
) -> dict[int, Mixture]:
    """Return the most probable mixture of each number of segments.

    All are looked for with pooled spreads. Another kind of spread is tried for the best number of segments and for half as
    many, since what pooled spreads take for many segments may be few that spread otherwise; where it is more probable, it
    is tried for every number.

    Parameters
    ----------
    units : TrainingUnits
    ks : iterable of int
        From 1 to the number of units.
    coordinates : ndarray of shape (n_units, n_components)
        Where starts are looked for, such as the axes of a factor analysis.
    seed : int
    held : ndarray of shape (n_units,), optional
        See `find_mixture`.
    spreads : iterable of str
        Kinds that may be tried beside the pooled one.
    """
    search = _Search(units, coordinates, seed, held)
    best = {k: search.pooled(k) for k in sorted(set(ks))}
    chosen = max(best.values(), key=lambda mixture: mixture.log_evidence).k
    allowed = set(spreads)
    for spread in (one for one in other_spreads(units) if one in allowed):
        probed = {k: search.other(spread, best[k]) for k in {chosen, max(min(best), (chosen + 1) // 2)} & set(best)}
        if any(mixture.log_evidence > best[k].log_evidence for k, mixture in probed.items()):
            found = {k: probed.get(k) or search.other(spread, pooled) for k, pooled in best.items()}
            best = {k: max(best[k], found[k], key=lambda mixture: mixture.log_evidence) for k in best}
    return best


def other_spreads(units: TrainingUnits) -> tuple[Spread, ...]:
    """Return the kinds of spread beside the pooled one that these units can carry."""
    n_numbers = units.units.numbers.shape[1]
    if len(units) < POOLED_BELOW or not n_numbers:
        return ()
    return ("own", "tied") if units.complete and n_numbers > 1 else ("own",)


def recluster_mixture(
    units: TrainingUnits, k: int, coordinates: FloatArray, spread: Spread, *, seed: int
) -> IndexArray:
    """Return the segments of resampled units, found again from a few starts, ``(n_units,)``."""
    starts = _starts(units, k, coordinates, _STARTS_OF_OTHERS, seed)
    found = (find_mixture(units, start, spread, most_steps=_SHORT_STEPS, tolerance=_ROUGH) for start in starts)
    return max(found, key=lambda mixture: mixture.log_likelihood).labels


@dataclass(frozen=True, eq=False)
class _Search:
    units: TrainingUnits
    coordinates: FloatArray
    seed: int
    held: IndexArray | None

    def pooled(self, k: int) -> Mixture:
        return self._best("pooled", _starts(self.units, k, self.coordinates, STARTS, self.seed))

    def other(self, spread: Spread, before: Mixture) -> Mixture:
        starts = _starts(self.units, before.k, self.coordinates, _STARTS_OF_OTHERS, self.seed)
        return self._best(spread, [before.found.responsibilities, *starts])

    def _best(self, spread: Spread, starts: Iterable[FloatArray]) -> Mixture:
        """Try starts for a few steps, on a sample where units are many, and go on with the best ones."""
        units, held, sample = self.units, self.held, _sample(len(self.units))
        few, held_few = units.rows(sample), None if held is None else held[sample]
        tried = (
            find_mixture(few, start[sample], spread, most_steps=_SHORT_STEPS, tolerance=_ROUGH, held=held_few)
            for start in starts
        )
        best = sorted(tried, key=lambda found: -found.log_likelihood)[:_BEST_STARTS]
        whole = (find_mixture(units, expect(units, found.parameters, held)[0], spread, held=held) for found in best)
        return Mixture.measure(max(whole, key=lambda found: found.log_likelihood), units)


def _starts(units: TrainingUnits, k: int, coordinates: FloatArray, n_starts: int, seed: int) -> Iterator[FloatArray]:
    """Yield partitions by KMeans on all coordinates, on the first k - 1 of them, and around units drawn at random."""
    random = np.random.default_rng([seed, k])
    if k == 1:
        yield np.ones((len(units), 1))
        return
    sample = _sample(len(units))
    first = coordinates[:, : max(1, k - 1)]
    for number in range(n_starts):
        used = (coordinates, first, coordinates)[number % 3]
        if number % 3 < 2:  # noqa: PLR2004 - two of three starts
            drawn = int(random.integers(2**31))
            centres = KMeans(k, n_init=1, random_state=drawn).fit(used[sample]).cluster_centers_
        else:
            centres = used[random.choice(len(used), k, replace=False)]
        yield np.eye(k)[_nearest(used, centres)]


def _nearest(coordinates: FloatArray, centres: FloatArray) -> IndexArray:
    squares = (centres**2).sum(axis=1) - 2 * coordinates @ centres.T
    nearest: IndexArray = squares.argmin(axis=1)
    return nearest


def _sample(n_units: int) -> IndexArray:
    if n_units <= SEARCHED_UNITS:
        return np.arange(n_units)
    return np.random.default_rng(n_units).choice(n_units, SEARCHED_UNITS, replace=False)
