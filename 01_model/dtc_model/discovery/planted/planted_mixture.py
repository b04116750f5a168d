"""Units with planted segments, and how much of what was planted a method finds again."""

from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
import pandas as pd

from dtc_model.rule import (
    CategoryFeature,
    FloatArray,
    IndexArray,
    MixtureModel,
    MixtureParameters,
    NumberFeature,
)

NoiseLevel = Literal["low", "middle", "high"]


@dataclass(frozen=True)
class Noise:
    """How far apart planted segments are."""

    distance: float
    """Between the centres of two segments, in standard deviations of a number within a segment."""
    purity: float
    """Share of a segment's units that have its most frequent level of a category; the other levels share the rest."""


NOISE: Final[dict[NoiseLevel, Noise]] = {
    "low": Noise(5.3, 0.87),
    "middle": Noise(4.15, 0.72),
    "high": Noise(4.1, 0.48),
}
"""At low noise nearly all that was planted can be recovered, at the middle 95 %, at high noise 87 % (the adjusted Rand index
of whoever knows the planted distributions)."""

MOVED: Final = 0.05
"""Standard deviations, of all units, by which a number is another one a little later."""
LEVELS: Final = ("A", "B", "C", "D")
"""Of each planted category."""
_CONCENTRATION: Final = 20.0
"""Of the segments' shares: with six of them most lie between 9 and 26 %."""
_FEWEST_MEMBERS: Final = 2


@dataclass(frozen=True, eq=False)
class PlantedMixture:
    """The distributions that units are drawn from."""

    seed: int
    shares: FloatArray
    """Of the segments, ``(n_segments,)``."""
    centres: FloatArray
    """In standard deviations within a segment, ``(n_segments, n_numbers)``."""
    units: FloatArray
    """Size and zero of each number, so that numbers are of different units, ``(2, n_numbers)``."""
    probabilities: FloatArray
    """Of the levels, ``(n_categories, n_segments, len(LEVELS))``."""

    @classmethod
    def plant(
        cls,
        *,
        n_segments: int = 6,
        n_numbers: int = 8,
        n_categories: int = 4,
        noise: NoiseLevel = "middle",
        seed: int = 0,
    ) -> Self:
        """Plant segments; another seed plants others of the same kind."""
        random, level = np.random.default_rng(seed), NOISE[noise]
        tables = np.full((n_categories, n_segments, len(LEVELS)), (1 - level.purity) / (len(LEVELS) - 1))
        for table in tables:
            table[np.arange(n_segments), random.permutation(np.arange(n_segments) % len(LEVELS))] = level.purity
        return cls(
            seed=seed,
            shares=random.dirichlet(np.full(n_segments, _CONCENTRATION)),
            centres=_centres(n_segments, n_numbers, random) * level.distance,
            units=np.stack([10 ** random.uniform(-1, 3, n_numbers), random.uniform(-5, 5, n_numbers)]),
            probabilities=tables,
        )

    def draw(self, n_units: int, draw: int = 0) -> tuple[pd.DataFrame, IndexArray]:
        """Return features, one row per unit, and the planted segment of each; every segment has two units at least.

        Another ``draw`` gives other units of the same segments.
        """
        random, n_segments = np.random.default_rng([self.seed, draw, n_units]), len(self.shares)
        some = np.repeat(np.arange(n_segments), _FEWEST_MEMBERS)[:n_units]
        rest = random.choice(n_segments, n_units - len(some), p=self.shares)
        planted: IndexArray = random.permutation(np.concatenate([some, rest]))
        size, zero = self.units
        numbers = (self.centres[planted] + random.normal(size=(n_units, len(size))) + zero) * size
        columns: dict[str, object] = {f"number_{at}": column for at, column in enumerate(numbers.T, start=1)}
        for at, table in enumerate(self.probabilities, start=1):
            above = random.random(n_units)[:, None] > table[planted].cumsum(axis=1)[:, :-1]
            columns[f"category_{at}"] = np.array(LEVELS)[above.sum(axis=1)]
        index = pd.Index([f"unit {number}" for number in range(1, n_units + 1)], name="unit_id")
        return pd.DataFrame(columns, index=index), planted

    def later(self, features: pd.DataFrame, n_new: int, draw: int = 2) -> pd.DataFrame:
        """Return drawn units a little later: their numbers have moved by `MOVED`, and there are new ones beside them."""
        random = np.random.default_rng([self.seed, draw, len(features)])
        numbers = features.select_dtypes("number")
        moved = numbers + random.normal(size=numbers.shape) * MOVED * numbers.std().to_numpy()
        new, _ = self.draw(n_new, draw=draw)
        return pd.concat([features.assign(**moved), new.set_axis([f"new {name}" for name in new.index])])

    @property
    def truth(self) -> MixtureModel:
        """What the units are drawn from, as a document: nobody labels them better."""
        size, zero = self.units
        ids = tuple(range(len(self.shares)))
        parameters = MixtureParameters(
            "pooled", self.shares, (self.centres + zero) * size, size**2, tuple(self.probabilities)
        )
        numbers = tuple(NumberFeature(f"number_{at}", "raw") for at in range(1, len(size) + 1))
        categories = tuple(CategoryFeature(f"category_{at}", LEVELS) for at in range(1, len(self.probabilities) + 1))
        return MixtureModel((*numbers, *categories), parameters, ids, tuple(f"planted {id_}" for id_ in ids))


def _centres(n_segments: int, n_numbers: int, random: np.random.Generator) -> FloatArray:
    """Return centres at a distance of 1: each from all others where there is room, else from its nearest on average."""
    drawn = random.normal(size=(n_segments, max(n_segments, n_numbers)))
    if n_numbers >= n_segments:
        equally_far: FloatArray = np.linalg.qr(drawn.T)[0].T / np.sqrt(2)
        return equally_far
    few = drawn[:, :n_numbers]
    apart = np.linalg.norm(few[:, None] - few, axis=2) + np.diag(np.full(n_segments, np.inf))
    nearest = float(apart.min(axis=1).mean()) if n_segments > 1 and n_numbers else 1.0
    return few / nearest
