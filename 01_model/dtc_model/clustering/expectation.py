"""Expectation and maximisation for a mixture of mixed features, in log space and with weak priors."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dtc_model.clustering.training_units import TrainingUnits
from dtc_model.rule import FloatArray, IndexArray, MixtureParameters, Spread, log_joint, posteriors

FREE: Final = -1
"""Position of a unit that nobody holds in a segment."""
TOLERANCE: Final = 1e-5
"""Gain in log-likelihood per unit and step below which the mixture has come to rest."""
MOST_STEPS: Final = 300
"""Steps after which it counts as found."""
POOLED_BELOW: Final = 300
"""Units below which spreads are pooled: for more parameters there are too few."""

SMOOTHING: Final = 1.0
"""Units that are added to every segment for each level of a category, shared out as the levels are in all units."""
_PRIOR_UNITS: Final = 1.0
"""Weight of the prior on spreads, in units."""
_PRIOR_UNITS_OWN: Final = 5.0
"""The same where each segment has its own spreads; they are drawn to the pooled ones."""
_PRIOR_VARIANCE: Final = 0.1
"""What spreads are drawn to, as a share of a number's whole variance."""
SMALLEST_BETWEEN: Final = 0.05
"""Least variance between segments, as a share of a number's whole variance, that means are thought to have."""
_NOTHING: Final = 1e-100
"""Probabilities below count as 0: denormal numbers make matrix products ten times as slow."""


@dataclass(frozen=True, eq=False)
class FoundMixture:
    """A mixture at rest, in standardised units."""

    parameters: MixtureParameters
    responsibilities: FloatArray
    """Probability of each segment for each unit, ``(n_units, n_segments)``."""
    log_likelihood: float

    @property
    def labels(self) -> IndexArray:
        """Position of each unit's most probable segment, ``(n_units,)``."""
        labels: IndexArray = self.responsibilities.argmax(axis=1)
        return labels


@dataclass(frozen=True, eq=False)
class Memory:
    """An earlier mixture of the same segments that a new one remembers, as if some units of it were still there."""

    parameters: MixtureParameters
    """In the same standardised units."""
    n_units: float


def find_mixture(  # noqa: PLR0913 - units and start; the rest are options by keyword
    units: TrainingUnits,
    responsibilities: FloatArray,
    spread: Spread,
    *,
    most_steps: int = MOST_STEPS,
    tolerance: float = TOLERANCE,
    held: IndexArray | None = None,
    memory: Memory | None = None,
) -> FoundMixture:
    """Improve a mixture until it rests (Dempster, Laird and Rubin, JRSS B 39 (1977) 1-38).

    Parameters
    ----------
    units : TrainingUnits
        Without missing numbers if ``spread`` is ``tied``.
    responsibilities : ndarray of shape (n_units, n_segments)
        Where to start.
    spread : str
        See `dtc_model.rule.Spread`.
    most_steps : int
    tolerance : float
        Gain in log-likelihood per unit and step below which it rests.
    held : ndarray of shape (n_units,), optional
        Position of the segment that a unit is held in, whatever its features say; `FREE` for the others.
    memory : Memory, optional
        What is remembered of an earlier mixture.
    """
    before = -np.inf
    sums = Sums.prepare(units)
    for _ in range(most_steps):
        parameters = maximise(sums, responsibilities, spread, memory)
        responsibilities, log_densities = expect(units, parameters, held)
        now = float(log_densities.sum())
        if now - before < tolerance * len(units):
            break
        before = now
    return FoundMixture(parameters, responsibilities, now)


def expect(
    units: TrainingUnits, parameters: MixtureParameters, held: IndexArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities of the segments ``(n_units, n_segments)`` and the log densities ``(n_units,)``."""
    responsibilities, log_densities = posteriors(log_joint(parameters, units.units))
    responsibilities[responsibilities < _NOTHING] = 0.0
    if held is not None:
        rows = np.flatnonzero(held != FREE)
        responsibilities[rows] = np.eye(len(parameters.shares))[held[rows]]
    return responsibilities, log_densities


@dataclass(frozen=True, eq=False)
class Sums:
    """What the maximisation multiplies, worked out once."""

    present: FloatArray
    filled: FloatArray
    squares: FloatArray
    indicators: tuple[FloatArray, ...]
    level_shares: tuple[FloatArray, ...]

    @classmethod
    def prepare(cls, units: TrainingUnits) -> "Sums":
        """Take them from units."""
        filled = units.filled
        return cls(units.present, filled, filled**2, units.indicators, units.level_shares)


def maximise(
    sums: Sums, responsibilities: FloatArray, spread: Spread, memory: Memory | None = None
) -> MixtureParameters:
    """Return the parameters that these responsibilities make most probable a posteriori.

    Means have a normal prior about the mean of all units whose variance is what the segments do not explain; spreads are
    drawn to a tenth of the whole variance (of an own spread: to the pooled one) by a few units' weight (Fraley and Raftery,
    Journal of Classification 24 (2007) 155-181); probabilities of levels are smoothed towards those of all units.
    """
    moments = _Moments.take(sums, responsibilities)
    if memory is not None:
        moments = moments.remembering(memory)
    pooled = (moments.scatter.sum(axis=0) + _PRIOR_UNITS * _PRIOR_VARIANCE) / (
        moments.counts.sum(axis=0) + _PRIOR_UNITS
    )
    between = np.maximum(1 - pooled, SMALLEST_BETWEEN)
    shares = (moments.sizes + 1) / (moments.sizes + 1).sum()
    covariance = pooled
    if spread == "own":
        covariance = (moments.scatter + _PRIOR_UNITS_OWN * pooled) / (moments.counts + _PRIOR_UNITS_OWN)
    elif spread == "tied":
        covariance = _tied(sums, moments, memory)
    return MixtureParameters(
        spread=spread,
        shares=shares,
        means=moments.totals / (moments.counts + pooled / between),
        covariance=covariance,
        probabilities=tuple(map(_smoothed, moments.levels, sums.level_shares)),
    )


@dataclass(frozen=True, eq=False)
class _Moments:
    """Sums over the units of each segment."""

    sizes: FloatArray
    counts: FloatArray
    """Of the numbers that are there, ``(n_segments, n_numbers)``."""
    totals: FloatArray
    squares: FloatArray
    levels: tuple[FloatArray, ...]
    """Per category, counts of the levels, ``(n_segments, n_levels)``."""

    @classmethod
    def take(cls, sums: Sums, responsibilities: FloatArray) -> "_Moments":
        weights = responsibilities.T
        return cls(
            sizes=weights.sum(axis=1),
            counts=weights @ sums.present,
            totals=weights @ sums.filled,
            squares=weights @ sums.squares,
            levels=tuple(weights @ indicators for indicators in sums.indicators),
        )

    def remembering(self, memory: Memory) -> "_Moments":
        before = memory.parameters
        sizes = memory.n_units * before.shares[:, None]
        return _Moments(
            sizes=self.sizes + sizes[:, 0],
            counts=self.counts + sizes,
            totals=self.totals + sizes * before.means,
            squares=self.squares + sizes * (before.variances + before.means**2),
            levels=tuple(now + sizes * then for now, then in zip(self.levels, before.probabilities, strict=True)),
        )

    @property
    def means(self) -> FloatArray:
        means: FloatArray = self.totals / np.maximum(self.counts, _NOTHING)
        return means

    @property
    def scatter(self) -> FloatArray:
        """Sums of squared differences from the means, ``(n_segments, n_numbers)``."""
        scatter: FloatArray = np.maximum(self.squares - self.counts * self.means**2, 0.0)
        return scatter


def _tied(sums: Sums, moments: _Moments, memory: Memory | None) -> FloatArray:
    products, n_units = sums.filled.T @ sums.filled, float(len(sums.filled))
    if memory is not None:
        before = memory.parameters
        covariance = np.diag(before.covariance) if before.covariance.ndim == 1 else before.covariance
        products = products + memory.n_units * (covariance + (before.means.T * before.shares) @ before.means)
        n_units += memory.n_units
    within = products - moments.totals.T @ moments.means
    within[np.diag_indices_from(within)] += _PRIOR_UNITS * _PRIOR_VARIANCE
    tied: FloatArray = within / (n_units + _PRIOR_UNITS)
    return tied


def _smoothed(counts: FloatArray, shares: FloatArray) -> FloatArray:
    """Return the probabilities of levels, ``(n_segments, n_levels)``; none is 0."""
    added = SMOOTHING * len(shares) * shares
    smoothed: FloatArray = (counts + added) / (counts.sum(axis=1, keepdims=True) + added.sum())
    return smoothed


def mixture_of_labels(units: TrainingUnits, labels: IndexArray) -> FoundMixture:
    """Return the distributions of given segments, with own spreads where units are many.

    Parameters
    ----------
    units : TrainingUnits
    labels : ndarray of shape (n_units,)
        Position of each unit's segment, below 0 for none; such a unit shapes no distribution.
    """
    known = np.flatnonzero(labels >= 0)
    k = int(labels.max()) + 1
    spread: Spread = "own" if len(known) >= POOLED_BELOW else "pooled"
    parameters = maximise(Sums.prepare(units.rows(known)), np.eye(k)[labels[known]], spread)
    responsibilities, log_densities = expect(units, parameters)
    return FoundMixture(parameters, responsibilities, float(log_densities.sum()))
