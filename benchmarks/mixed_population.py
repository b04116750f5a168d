"""A population with features of every type: four numbers, three yes/no questions, and categories of 3, 4 and 6 values.

The three personas are the shipped catalogue's in the numbers (spread 2) and say yes with a probability of 0.9 or 0.1. In each
category every persona has a value of its own, which 60 % of its respondents give; the others share the rest alike.
"""

from itertools import pairwise
from typing import Any, Final

import numpy as np
from drift_populations import CATALOGUE, OFTEN, Continuous, FloatArray
from dtc_data import Catalogue
from dtc_model.rule import Encoder

N_NUMBERS: Final = 4
N_YES_NO: Final = 3
SIZES: Final = (3, 4, 6)
"""Values of the categories."""
USUAL: Final = 0.6
"""Share of a persona's own value in a category."""
SMALLEST: Final = 0.02
"""A value that somebody gives keeps at least this share."""


class Mixed(Continuous):
    """Respondents whose answers are numbers, yes or no, and categories; centroids hold probabilities and shares."""

    name = "mixed"
    is_number = False

    def __init__(self) -> None:
        numbers = CATALOGUE.centroids[:, :N_NUMBERS]
        yes = np.where(CATALOGUE.centroids[:, N_NUMBERS : N_NUMBERS + N_YES_NO] > 0, OFTEN, 1 - OFTEN)
        super().__init__(np.hstack([numbers, yes, *map(_shares_of, SIZES)]))

    @property
    def numbers(self) -> list[bool]:
        """Tell which features are numbers."""
        return [position < N_NUMBERS for position in range(self.n_features)]

    @property
    def n_features(self) -> int:
        """Number of questions."""
        return N_NUMBERS + N_YES_NO + len(SIZES)

    def answers(self, random: np.random.Generator, centroids: FloatArray, wider: float = 1.0) -> FloatArray:
        """Draw numbers around the centroid, and the others by its probabilities."""
        result = np.empty((len(centroids), self.n_features))
        result[:, :N_NUMBERS] = super().answers(random, centroids[:, :N_NUMBERS], wider)
        behind = N_NUMBERS + N_YES_NO
        yes = centroids[:, N_NUMBERS:behind]
        result[:, N_NUMBERS:behind] = random.random(yes.shape) < yes
        for position, (first, end) in enumerate(_categories(), start=behind):
            below = centroids[:, first:end].cumsum(axis=1)[:, :-1]
            result[:, position] = (random.random((len(centroids), 1)) >= below).sum(axis=1)
        return result

    def moved(self, centroids: FloatArray, feature: int) -> FloatArray:
        """Move a number by one spread, and probabilities by the standard deviation of the most frequent answer."""
        if feature < N_NUMBERS:
            return super().moved(centroids, feature)
        result = centroids.copy()
        if feature < N_NUMBERS + N_YES_NO:
            share = centroids[:, feature]
            step = np.sqrt(share * (1 - share)) * (-1 if share.mean() > 0.5 else 1)
            result[:, feature] = np.clip(share + step, SMALLEST, 1 - SMALLEST)
            return result
        own = slice(*_categories()[feature - N_NUMBERS - N_YES_NO])
        top = centroids[:, own].max(axis=1)
        return self.shifted(centroids, feature, np.sqrt(top * (1 - top)))

    @staticmethod
    def shifted(centroids: FloatArray, feature: int, share: FloatArray | float) -> FloatArray:
        """Let a share of each persona's respondents give the next value of a category instead of the most frequent one."""
        result = centroids.copy()
        first, end = _categories()[feature - N_NUMBERS - N_YES_NO]
        rows = np.arange(len(result))
        top = first + result[:, first:end].argmax(axis=1)
        taken = np.minimum(share, result[rows, top] - SMALLEST)
        result[rows, top] -= taken
        result[rows, first + (top - first + 1) % (end - first)] += taken
        return result

    def fourth(self, random: np.random.Generator) -> FloatArray:
        """Draw a persona as the others were drawn."""
        numbers = random.uniform(-10, 10, N_NUMBERS)
        yes = np.where(random.random(N_YES_NO) < 0.5, OFTEN, 1 - OFTEN)
        return np.concatenate([numbers, yes, *(_with_own(size, int(random.integers(size))) for size in SIZES)])

    def apart(self, centroids: FloatArray) -> FloatArray:
        """Return coordinates between which distances tell how far personas lie apart, in spreads."""
        scaled = Encoder.of_catalogue(self.catalogue()).encode_centroids(centroids)
        scaled[:, :N_NUMBERS] /= self.spread
        return scaled

    def catalogue(self) -> Catalogue:
        """Return the catalogue that the vendor would have delivered."""
        features: list[dict[str, Any]] = [{"name": f"x{n}", "scale": self.spread} for n in range(N_NUMBERS)]
        features += [{"name": f"q{n}", "type": "yes_no"} for n in range(N_YES_NO)]
        bounds = list(zip(SIZES, _categories(), strict=True))
        for size, (first, end) in bounds:
            values = {f"value_{n}": float(share) for n, share in enumerate(self.centroids[:, first:end].mean(axis=0))}
            features.append({"name": f"c{size}", "type": "category", "values": values})
        segments = [
            segment.model_dump(include={"id", "name"}) | {"centroid": self._typical(centroid.tolist())}
            for segment, centroid in zip(CATALOGUE.segments, self.centroids, strict=True)
        ]
        names = {"name": "mixed", "registered_model": "mixed", "unit": "respondent", "segment": "persona"}
        return Catalogue.model_validate(names | {"features": features, "segments": segments})

    @staticmethod
    def _typical(centroid: list[float]) -> list[Any]:
        shares = [{f"value_{n}": share for n, share in enumerate(centroid[first:end])} for first, end in _categories()]
        return [*centroid[: N_NUMBERS + N_YES_NO], *shares]


def _categories() -> list[tuple[int, int]]:
    """Return the columns of each category in a centroid."""
    ends = (N_NUMBERS + N_YES_NO + np.cumsum([0, *SIZES])).tolist()
    return list(pairwise(ends))


def _shares_of(size: int) -> FloatArray:
    """Return the shares of a category's values, ``(3, size)``."""
    return np.array([_with_own(size, persona) for persona in range(3)])


def _with_own(size: int, own: int) -> FloatArray:
    shares = np.full(size, (1 - USUAL) / (size - 1))
    shares[own] = USUAL
    return shares
