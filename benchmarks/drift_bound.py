"""Which share of small drifts any test could find: ``python benchmarks/drift_bound.py`` (minutes).

By the lemma of Neyman and Pearson (Phil. Trans. R. Soc. A 231, 1933) no test with as few false alarms finds more than the ratio of the
likelihoods. Here this ratio is told everything but whether the wave drifted: how each persona answers, and every way in which a wave of
the scenario can drift, all equally probable. The product's test is told none of this and must find other drifts, too.

- Beside a reference wave of any size the population is known exactly.
- Beside 500 or 1,001 respondents false alarms must be as few whatever the population is, and so also if both waves come from one between
  the usual and the drifted population, with as many parts of each as there are respondents. Every such choice gives a bound.

A fourth persona among grades could lie anywhere and is left out.
"""

import argparse
from dataclasses import dataclass
from itertools import combinations, product
from typing import Self

import numpy as np
import numpy.typing as npt
from drift_populations import Continuous, YesNo, populations
from scipy.special import logsumexp
from scipy.stats import norm

FloatArray = npt.NDArray[np.float64]

N_CURRENT = 100
REFERENCES = (500, 1_001, None)
FALSE_ALARMS = (0.01, 0.003)


@dataclass(frozen=True)
class Drifts:
    """Every way in which a wave of a scenario can drift: some respondents come from elsewhere than before."""

    usual: FloatArray
    """How probable each answer is for each persona, ``(n_segments, n_features, n_answers)``; personas have equal shares."""
    changed: FloatArray
    """The same for where respondents come from, ``(n_ways, n_features, n_answers)``."""
    share: float
    """Of such respondents."""
    replaced: npt.NDArray[np.intp] | None
    """Position of the persona whose place they take, ``(n_ways,)``; everybody's if None."""

    @classmethod
    def of_one_segment(cls, population: Continuous) -> Self:
        """Move a persona in three features."""
        ways = list(product(range(3), combinations(range(population.centroids.shape[1]), 3)))
        moved = []
        for segment, features in ways:
            centroid = population.centroids[[segment]]
            for feature in features:
                centroid = population.moved(centroid, feature)
            moved.append(centroid[0])
        usual = answer_shares(population, population.centroids)
        return cls(usual, answer_shares(population, np.array(moved)), 1 / 3, np.array([segment for segment, _ in ways]))

    @classmethod
    def of_a_fourth(cls, population: YesNo) -> Self:
        """Let a persona come up, as far from the three as the closest two of them are from each other."""
        known = population.centroids
        closest = min(float(np.linalg.norm(one - other)) for one, other in combinations(known, 2))
        fourth = np.array(list(product(np.unique(known), repeat=known.shape[1])))
        fourth = fourth[np.linalg.norm(fourth[:, None] - known, axis=2).min(axis=1) >= closest - 1e-9]
        return cls(answer_shares(population, known), answer_shares(population, fourth), 0.15, None)

    def draw(self, random: np.random.Generator, way: int, part: float, n_units: int) -> npt.NDArray[np.intp]:
        """Draw answers from a population that has drifted in part, ``(n_units, n_features)``."""
        segments = random.integers(len(self.usual), size=n_units)
        leaves = random.random(n_units) < part * (self.share if self.replaced is None else 1)
        if self.replaced is not None:
            leaves &= segments == self.replaced[way]
        shares = np.where(leaves[:, None, None], self.changed[way], self.usual[segments])
        chances = random.random((*shares.shape[:2], 1))
        drawn: npt.NDArray[np.intp] = (chances > shares.cumsum(axis=2)[:, :, :-1]).sum(axis=2)
        return drawn

    def ratios(self, answers: npt.NDArray[np.intp]) -> FloatArray:
        """Return how much more probable answers are after each drift than before, ``(n_ways, n_units)``."""
        before = _densities(self.usual, answers)
        everybody = before.mean(axis=0)
        left = everybody if self.replaced is None else before[self.replaced]
        ratios: FloatArray = 1 + self.share * (_densities(self.changed, answers) - left) / everybody
        return ratios


def answer_shares(population: Continuous, centroids: FloatArray) -> FloatArray:
    """Return how probable each answer is, ``(n_centroids, n_features, n_answers)``."""
    if isinstance(population, YesNo):
        return np.stack([1 - centroids, centroids], axis=2)
    limits = np.array([-np.inf, 1.5, 2.5, 3.5, 4.5, np.inf])
    return np.diff(norm.cdf((limits - centroids[:, :, None]) / population.spread), axis=2)


def _densities(shares: FloatArray, answers: npt.NDArray[np.intp]) -> FloatArray:
    features, values = np.arange(shares.shape[1])[:, None], np.arange(shares.shape[2])
    given = (answers[:, :, None] == values).reshape(len(answers), features.size * values.size)
    densities: FloatArray = np.exp(np.log(shares[:, features, values]).reshape(len(shares), -1) @ given.T)
    return densities


def most_found(drifts: Drifts, n_reference: int | None, n_waves: int) -> list[float]:
    """Return the share of drifted waves that the likelihood ratio finds, for each of `FALSE_ALARMS`."""
    random = np.random.default_rng(1933)
    between = 0.0 if n_reference is None else N_CURRENT / (n_reference + N_CURRENT)

    def statistic(*, drifted: bool) -> float:
        way = int(random.integers(len(drifts.changed)))
        current = drifts.ratios(drifts.draw(random, way, 1.0 if drifted else between, N_CURRENT))
        reference = drifts.ratios(drifts.draw(random, way, 0.0 if drifted else between, n_reference or 0))
        both = np.hstack([reference, current])
        without = logsumexp(np.log1p(between * (both - 1)).sum(axis=1))
        return float(logsumexp(np.log(current).sum(axis=1)) - without)

    usual, found = ([statistic(drifted=drifted) for _ in range(n_waves)] for drifted in (False, True))
    return [float(np.mean(found > np.quantile(usual, 1 - rate))) for rate in FALSE_ALARMS]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--waves", type=int, default=2_000, help="waves with and without drift per row")
    n_waves = parser.parse_args().waves
    _, likert, yes_no = populations()
    print(
        "| answers | what changed | reference / current |", *(f"at {rate:.1%} false alarms |" for rate in FALSE_ALARMS)
    )
    print("| --- | --- | --- |" + " --- |" * len(FALSE_ALARMS))
    scenarios = [(one, "one persona, three features", Drifts.of_one_segment(one)) for one in (likert, yes_no)]
    if isinstance(yes_no, YesNo):
        scenarios.append((yes_no, "fourth persona 15 %", Drifts.of_a_fourth(yes_no)))
    for population, scenario, drifts in scenarios:
        for n_reference in REFERENCES:
            found = " | ".join(f"{share:.1%}" for share in most_found(drifts, n_reference, n_waves))
            size = "any number" if n_reference is None else f"{n_reference:,}"
            print(f"| {population.name} | {scenario} | {size} / {N_CURRENT} | {found} |", flush=True)


if __name__ == "__main__":
    main()
