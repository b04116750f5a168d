"""Labels of answers in survey files: the words and codes that a file has in the place of the answers."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from dtc_data.catalogue.feature_encoding import FeatureEncoding
from dtc_data.catalogue.schema_parts import NUMBER, NumberOrText, Title

Label = tuple[Title, NumberOrText]
"""What stands in files, and the answer for which it stands: a number, or a value in words."""

_YAML_WORDS: Final = {True: ("yes", "true"), False: ("no", "false")}
"""What people write where YAML reads a truth value."""


def plain(text: str) -> str:
    """Return a text without what labels are not told apart by: case, and how much space there is."""
    return " ".join(text.split()).casefold()


def spelled_labels(given: Any) -> Any:
    """Return the labels of a mapping as pairs; whatever else was given is left for the schema to refuse."""
    if not isinstance(given, dict):
        return given
    return [(word, answer) for label, answer in given.items() for word in _words_of(label)]


def _words_of(label: Any) -> tuple[Any, ...]:
    if isinstance(label, bool):
        return _YAML_WORDS[label]
    return (f"{label:g}",) if isinstance(label, int | float) else (label,)


def objection_to_labels(
    labels: Sequence[Label], feature: FeatureEncoding, missing: Sequence[float | str]
) -> str | None:
    """Say why a feature cannot have these labels, or None if it can."""
    counts = Counter(plain(label) for label, _ in labels)
    if repeated := [label for label, times in counts.items() if times > 1]:
        return f"{repeated[0]!r} is given twice (case and spaces make no difference)"
    nothing = {plain(f"{code:g}" if isinstance(code, float) else code) for code in missing}
    low, high = feature.limits
    for label, answer in labels:
        if plain(label) in nothing or answer in missing:
            return f"{label!r} stands for a missing answer, too"
        if feature.in_words and answer not in feature.values:
            return f"{label!r} stands for {answer!r}, which is not one of the values {', '.join(feature.values)}"
        if not feature.in_words and not (isinstance(answer, float) and low <= answer <= high):
            return f"{label!r} stands for {answer!r}, which is not an answer from {low:g} to {high:g}"
        if not feature.in_words and feature.is_whole and not float(answer).is_integer():
            return f"{label!r} stands for {answer!r}, but answers are whole numbers"
    return None


class AnswerLabels:
    """The labels of one feature.

    Parameters
    ----------
    labels : sequence of Label
        As the catalogue gives them. If numbers are among them, they recode the answers: then no other number is one.
    """

    def __init__(self, labels: Sequence[Label]) -> None:
        self._answers = {
            plain(label): f"{answer!r}" if isinstance(answer, float) else answer for label, answer in labels
        }
        self.words = ", ".join(label for label, _ in labels)
        """The labels as a message lists them."""
        numbers = [label for label in self._answers if NUMBER.fullmatch(label)]
        self.recodes = bool(numbers)
        """Whether numbers stand for others."""
        self._numbers = {float(number): self._answers[number] for number in numbers}

    def has(self, word: str) -> bool:
        """Tell whether a word is one of the labels."""
        return plain(word) in self._answers

    def answers(self, cells: Sequence[str]) -> tuple[list[str], set[str]]:
        """Return the cells with labels replaced by their answers, and which cells are numbers without a label that need one."""
        found = {cell: self._answer(cell) for cell in set(cells)}
        strange = {cell for cell, answer in found.items() if answer is None}
        return [cell if (answer := found[cell]) is None else answer for cell in cells], strange

    def _answer(self, cell: str) -> str | None:
        labelled = self._answers.get(plain(cell))
        if labelled is not None:
            return labelled
        if self.recodes and NUMBER.fullmatch(cell):
            return self._numbers.get(float(cell))
        return cell
