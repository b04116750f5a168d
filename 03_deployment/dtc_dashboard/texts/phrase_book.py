"""Sentences that packages say in English, recognised by their form and said in another language.

A phrase is a pair of the same sentence in both languages. What stands in braces may be anything: ``{who}`` stays as it is, ``{n:number}``
is written as the language writes numbers, ``{units:word}`` is a word of a catalogue, and ``{rest:said}`` is a sentence or a part of
one that is looked up in turn.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

_PLACE: Final = re.compile(r"\{(\w+)(?::(number|word|said))?\}")
_FORMS: Final = {
    "number": r"[+\-\u2212]?(?:\d[\d,]*)(?:\.\d+)?(?:e[+\-]\d+)?%?",
    "word": r"[^\W\d]\w*",
    "said": r".+",
    None: r".+?",
}
"""What may stand in a place, by its kind."""
_NUMBER: Final = re.compile(r"(?P<sign>[+\-\u2212]?)(?P<digits>[\d,]*\.?\d+)(?P<rest>[e\d+\-]*)(?P<percent>%?)")


@dataclass(frozen=True)
class Phrase:
    """One sentence in both languages."""

    form: re.Pattern[str]
    places: Mapping[str, str | None]
    """By name the kind of what stands there."""
    spoken: str

    @classmethod
    def of(cls, english: str, spoken: str) -> Self:
        """Make a phrase of its two sentences."""
        form, places, end = "", dict[str, str | None](), 0
        for place in _PLACE.finditer(english):
            name, kind = place.groups()
            form += re.escape(english[end : place.start()])
            form += f"(?P={name})" if name in places else f"(?P<{name}>{_FORMS[kind]})"
            places.setdefault(name, kind)
            end = place.end()
        return cls(re.compile(form + re.escape(english[end:]), re.DOTALL), places, spoken)


@dataclass(frozen=True)
class PhraseBook:
    """All phrases of a language; the first that fits counts."""

    phrases: tuple[Phrase, ...]
    word: Callable[[str], str]
    """Says a catalogue's word."""
    point: str
    """What stands before decimals."""
    comma: str
    """What stands between thousands."""
    percent: str
    """What stands between a number and the percent sign, and the sign."""

    @classmethod
    def of(cls, pairs: Iterable[Iterable[str]], word: Callable[[str], str], signs: tuple[str, str, str]) -> Self:
        """Make a book of pairs of sentences, English first; ``signs`` are point, comma and percent."""
        return cls(tuple(Phrase.of(*pair) for pair in pairs), word, *signs)

    def say(self, english: str) -> str | None:
        """Return a sentence in the language, with its full stop or without; None if no phrase fits."""
        said = self._say(english)
        if said is None and not english.endswith("."):
            whole = self._say(f"{english}.")
            said = None if whole is None else whole.removesuffix(".")
        return said

    def _say(self, english: str) -> str | None:
        for phrase in self.phrases:
            if (match := phrase.form.fullmatch(english)) is not None:
                values = match.groupdict(default="").items()
                return phrase.spoken.format_map({name: self._put(phrase.places[name], value) for name, value in values})
        return None

    def _put(self, kind: str | None, value: str) -> str:
        if kind == "number":
            return self._number(value)
        if kind == "word":
            return self._word(value)
        return (self.say(value) or value) if kind == "said" else value

    def _word(self, value: str) -> str:
        known = self.word(value)
        return known if known != value else self.word(value[:1].lower() + value[1:])

    def _number(self, value: str) -> str:
        match = _NUMBER.fullmatch(value)
        if match is None:
            return value
        digits = match["digits"].translate({ord(","): self.comma, ord("."): self.point})
        sign = match["sign"].replace("-", "\u2212")
        return f"{sign}{digits}{match['rest']}{self.percent if match['percent'] else ''}"
