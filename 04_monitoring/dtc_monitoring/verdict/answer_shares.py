"""What people answered in both waves, question by question, in shares that anybody can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from dtc_data import Catalogue, Feature

if TYPE_CHECKING:  # stored checks are read without the data frames of a wave
    from dtc_monitoring.reference import WaveAnswers

MOST_SHOWN: Final = 12
"""A question with more different answers is told by its mean."""


@dataclass(frozen=True)
class AnswerShares:
    """The answers to one question in the reference wave and in the current one, weighted where the waves are."""

    name: str
    before: Mapping[str, float]
    """Share of each answer among those who gave one, from 0 to 1; empty where the mean is told."""
    after: Mapping[str, float]
    mean_before: float | None = None
    """Where there are too many different answers for shares."""
    mean_after: float | None = None

    @property
    def change(self) -> float:
        """Largest change of a share, from 0 to 1; of a mean nothing can be said in shares."""
        return max((abs(self.after[answer] - share) for answer, share in self.before.items()), default=0.0)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read it back."""
        return cls(**document)


def answer_shares(reference: "WaveAnswers", current: "WaveAnswers", catalogue: Catalogue) -> tuple[AnswerShares, ...]:
    """Sum up the answers of both waves; a question that nobody answered in one of them is left out."""
    found = []
    for position, feature in enumerate(catalogue.features):
        waves = [wave.given(position) for wave in (reference, current)]
        if min(len(answers) for answers, _ in waves) == 0:
            continue
        words = _answer_words(feature, np.union1d(waves[0][0], waves[1][0]).tolist())
        if words is None:
            means = [float(np.average(answers, weights=weights)) for answers, weights in waves]
            found.append(AnswerShares(feature.name, {}, {}, *means))
            continue
        before, after = (
            {word: float(np.average(answers == answer, weights=weights)) for answer, word in words.items()}
            for answers, weights in waves
        )
        found.append(AnswerShares(feature.name, before, after))
    return tuple(found)


def _answer_words(feature: Feature, answers: list[float]) -> dict[float, str] | None:
    """Return how the answers are called that are told; None where the mean is told instead."""
    if feature.type == "yes_no":
        return {1.0: "yes"}
    if feature.in_words:
        return {code: word for word, code in feature.codes.items()}
    if len(answers) > MOST_SHOWN or not all(answer.is_integer() for answer in answers):
        return None
    return {answer: f"{answer:g}" for answer in answers}
