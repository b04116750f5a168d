"""Populations of respondents from which the drift check's error rates are measured.

All have the three personas of the shipped catalogue in ten features.

- continuous: the catalogue's centroids, spread 2: personas lie 8 to 14 spreads apart, as in the product's sample months.
- Likert: the centroids moved into 1..5, spread 0.8, rounded and cut off: personas lie 4 to 7 spreads apart, and about 2 % of
  respondents are nearer to another persona than to their own.
- yes/no: a persona says yes to a question with a probability of 0.9 or 0.1, by the sign of its centroid there; personas
  differ in 4 or 5 of the 10 questions.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from dtc_data import Catalogue, load_catalogue
from dtc_stack.settings import PROJECT_FOLDER

FloatArray = npt.NDArray[np.float64]

CATALOGUE = load_catalogue(PROJECT_FOLDER / "00_create_data" / "catalogues" / "dtc_personas.yaml")
OFTEN = 0.9
"""Probability of the usual answer of a persona to a yes/no question."""
ONE_SPREAD = 1.0
WIDER = 1.55
"""Factor that makes a spread of 3.1 out of 2."""


@dataclass(frozen=True)
class Continuous:
    """Numbers without limits."""

    name = "continuous"
    is_number = True
    centroids: FloatArray
    spread = 2.0
    middle = 0.0

    @property
    def n_features(self) -> int:
        """Number of questions."""
        return int(self.centroids.shape[1])

    @property
    def numbers(self) -> list[bool]:
        """Tell which features are numbers."""
        return [self.is_number] * self.n_features

    def apart(self, centroids: FloatArray) -> FloatArray:
        """Return coordinates between which distances tell how far personas lie apart."""
        return centroids

    def catalogue(self) -> Catalogue:
        """Return the catalogue that the vendor would have delivered."""
        document = CATALOGUE.model_dump()
        for segment, centroid in zip(document["segments"], self.centroids.tolist(), strict=True):
            segment["centroid"] = centroid
        return Catalogue.model_validate(document)

    def answers(self, random: np.random.Generator, centroids: FloatArray, wider: float = 1.0) -> FloatArray:
        """Return one respondent per row of centroids."""
        return centroids + random.normal(size=centroids.shape) * self.spread * wider

    def moved(self, centroids: FloatArray, feature: int) -> FloatArray:
        """Move a feature of some personas by one spread, all in the same direction, towards the middle of the scale."""
        result = centroids.copy()
        result[:, feature] += -self.spread if centroids[:, feature].mean() > self.middle else self.spread
        return result

    def fourth(self, random: np.random.Generator) -> FloatArray:
        """Draw a persona as the catalogue's were drawn, at least as far from each of them as the closest two of them are."""
        return np.asarray(random.uniform(-10, 10, self.centroids.shape[1]))


class Likert(Continuous):
    """Grades from 1 to 5."""

    name = "Likert"
    is_number = False
    spread = 0.8
    middle = 3.0

    def answers(self, random: np.random.Generator, centroids: FloatArray, wider: float = 1.0) -> FloatArray:
        """Round to grades and cut off."""
        return np.clip(np.rint(super().answers(random, centroids, wider)), 1, 5)

    def fourth(self, random: np.random.Generator) -> FloatArray:
        """Move a drawn persona into the scale."""
        return 3 + super().fourth(random) / 5


class YesNo(Continuous):
    """Yes or no; centroids are probabilities of a yes."""

    name = "yes/no"
    is_number = False
    middle = 0.5

    def answers(self, random: np.random.Generator, centroids: FloatArray, wider: float = 1.0) -> FloatArray:
        """Answer by chance; a spread cannot grow here without the share of yes."""
        del wider
        return (random.random(centroids.shape) < centroids).astype(float)

    def moved(self, centroids: FloatArray, feature: int) -> FloatArray:
        """Move probabilities by the standard deviation of one answer, up to 0.02 or 0.98."""
        result = centroids.copy()
        share = centroids[:, feature]
        step = np.sqrt(share * (1 - share)) * (-1 if share.mean() > self.middle else 1)
        result[:, feature] = np.clip(share + step, 0.02, 0.98)
        return result

    def fourth(self, random: np.random.Generator) -> FloatArray:
        """Draw the usual answer to each question."""
        return np.where(random.random(self.centroids.shape[1]) < 0.5, OFTEN, 1 - OFTEN)


def populations() -> tuple[Continuous, ...]:
    """Return the three kinds of answers."""
    centroids = CATALOGUE.centroids
    usual = np.where(centroids > 0, OFTEN, 1 - OFTEN)
    return Continuous(centroids), Likert(3 + centroids / 5), YesNo(usual)


def wave(population: Continuous, random: np.random.Generator, n_units: int, scenario: str = "same") -> FloatArray:
    """Draw a wave; which persona a respondent has is drawn, too, so that shares vary as they do in a survey."""
    centroids, shares, wider = population.centroids, np.full(3, 1 / 3), 1.0
    if scenario == "mix 60/30/10":
        shares = np.array([0.6, 0.3, 0.1])
    elif scenario == "one persona only":
        shares = np.array([1.0, 0.0, 0.0])
    elif scenario == "spread 2 to 3.1":
        wider = WIDER
    elif scenario == "one persona, three features":
        segment = random.integers(3)
        moved = centroids[[segment]]
        for feature in random.choice(population.n_features, 3, replace=False):
            moved = population.moved(moved, feature)
        centroids = np.vstack([centroids[:segment], moved, centroids[segment + 1 :]])
    elif scenario == "one feature, everybody":
        centroids = population.moved(centroids, int(random.integers(population.n_features)))
    elif scenario == "fourth persona 15 %":
        centroids, shares = np.vstack([centroids, _fourth(population, random)]), np.append(shares * 0.85, 0.15)
    segments = random.choice(len(centroids), n_units, p=shares)
    return population.answers(random, centroids[segments], wider)


def _fourth(population: Continuous, random: np.random.Generator) -> FloatArray:
    known = population.apart(population.centroids)
    closest = min(float(np.linalg.norm(one - other)) for i, one in enumerate(known) for other in known[:i])
    while True:
        drawn = population.fourth(random)
        if np.linalg.norm(known - population.apart(drawn[None]), axis=1).min() >= closest - 1e-9:
            return drawn
