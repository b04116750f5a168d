"""How figures, names and lists are written for people."""

import unicodedata
from collections.abc import Sequence
from typing import Final

LISTED: Final = 6
"""Most changes or personas that an alert lists; the report has all."""
LONGEST_NAME: Final = 60
"""Most characters of a name in an alert, so that a few long names do not push the decision out of the message."""
_FROM_THE_RIGHT: Final = frozenset({"R", "AL"})
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
"""Invisible characters around a text whose direction must not spread (Unicode Standard Annex 9): without them "33% → 25%"
behind a Hebrew name shows as "25% → 33%"."""


def percent(share: float) -> str:
    """Write a share, with two digits where it is small."""
    return f"{100 * share:.2g}%" if share < 0.1 else f"{share:.0%}"  # noqa: PLR2004 - two digits either way


def sentence(words: str) -> str:
    """Begin with a capital letter, unless it is the name of a feature or persona that stands first."""
    first = words.split(" ", 1)[0]
    return words if len(first) == 1 or not first.isalpha() else words[:1].upper() + words[1:]


def one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """Keep a name on one line, short enough, and from turning what stands behind it if it is read from the right."""
    line = " ".join(text.split())
    cut = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    is_from_the_right = any(unicodedata.bidirectional(character) in _FROM_THE_RIGHT for character in cut)
    return f"{_ISOLATE}{cut}{_END_OF_ISOLATE}" if is_from_the_right else cut


def wave_of(survey: str, wave: str) -> str:
    """Begin a sentence with a wave and, where it is known, the survey."""
    return f"{one_line(survey)}, wave {wave}" if survey else f"Wave {wave}"


def listed(lines: Sequence[str], most: int | None = LISTED) -> list[str]:
    """Write lines as a list; of more than an alert has room for the first, and how many the report has beside them."""
    shown = [f"• {line}" for line in lines[:most]]
    return shown + ([f"• and {len(lines) - len(shown)} more, see the report"] if len(lines) > len(shown) else [])
