"""The texts of one language, by key, with the words of a catalogue put in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import yaml
from dtc_data.catalogue import Words

from dtc_dashboard.texts.phrase_book import PhraseBook

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch"}
"""Languages by code, each in its own name; the first is spoken where nobody chose."""
NONE: Final = "\u2013"
"""Stands where there is no number: a dash."""
SAID: Final = "said."
"""How the keys of sentences begin that packages say in English; English has none of them."""
PHRASES: Final = f"{SAID}phrases"
"""The entry with all phrases, pairs of an English sentence and the same one in the language."""
_SIGNS: Final = {"en": (".", ",", "%"), "de": (",", ".", "\u202f%")}
"""What stands before decimals, between thousands, and behind a percentage."""


@dataclass(frozen=True)
class Texts:
    """The texts of one language."""

    language: str
    entries: Mapping[str, str]
    phrases: tuple[tuple[str, str], ...] = ()
    """Sentences of the packages, English first."""

    def __call__(self, key: str, words: Words | None = None, **values: Any) -> str:
        """Return a text with its values; ``words`` are what the catalogue calls its units and segments.

        Raises
        ------
        KeyError
            If there is no such text, or it asks for a value that is not given.
        """
        own = {} if words is None else self._spoken(words)
        return self.entries[key].format_map({**own, **values})

    def spoken(self, code: str, english: str, words: Words | None = None, **values: Any) -> str:
        """Return what a package says, by its code and figures where this language has words for them, else as it is: in English."""
        key = f"{SAID}{code}"
        return self(key, words, **values) if key in self.entries else english

    def phrase(self, english: str) -> str | None:
        """Return a sentence of a package in the language, None if the language has no words for it."""
        return english if self.language == next(iter(LANGUAGES)) else self._book.say(english)

    @cached_property
    def _book(self) -> PhraseBook:
        return PhraseBook.of(self.phrases, self.word, _SIGNS[self.language])

    def word(self, word: str) -> str:
        """Return a word of a catalogue in the language, where it is a usual one."""
        return self.entries.get(f"word.{word}", word)

    def _spoken(self, words: Words) -> dict[str, str]:
        own = {"unit": words.unit, "units": words.units, "segment": words.segment, "segments": words.segments}
        plain = {name: self.word(word) for name, word in own.items()}
        for form in ("to", "the"):  # as a language bends the word behind others
            plain[f"{form}_units"] = self.entries.get(f"{SAID}{form}.{words.units}", plain["units"])
        return plain | {name.capitalize(): word[:1].upper() + word[1:] for name, word in plain.items()}

    def number(self, value: float | None, digits: int = 0) -> str:
        """Write a number as the language does; a dash for none."""
        if value is None or value != value:  # noqa: PLR0124 - NaN
            return NONE
        point, comma, _ = _SIGNS[self.language]
        plain = f"{value:,.{digits}f}"
        shown = plain.removeprefix("-") if float(plain.replace(",", "")) == 0 else plain.replace("-", "\u2212")
        return shown.translate({ord(","): comma, ord("."): point})

    def percent(self, share: float | None, digits: int = 1) -> str:
        """Write a share from 0 to 1 as percent."""
        if share is None or share != share:  # noqa: PLR0124 - NaN
            return NONE
        return f"{self.number(100 * share, digits)}{_SIGNS[self.language][2]}"

    def points(self, change: float | None) -> str:
        """Write a change of a share in percentage points, with its sign."""
        if change is None or change != change:  # noqa: PLR0124 - NaN
            return NONE
        written = self.number(100 * change, 1)
        return f"+{written}" if change > 0 and written.strip("0.,") else written


@cache
def texts_in(language: str) -> Texts:
    """Return the texts of a language.

    Raises
    ------
    KeyError
        If it is none of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    path = Path(__file__).with_name(f"{language}.yaml")
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    phrases = tuple((english, spoken) for english, spoken in entries.pop(PHRASES, ()))
    return Texts(language, entries, phrases)
