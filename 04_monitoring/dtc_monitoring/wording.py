"""How figures, names and lists are written for people."""

from collections.abc import Sequence
from typing import Final

LISTED: Final = 6
"""Most changes or personas that an alert lists; the report has all."""
LONGEST_NAME: Final = 60
"""Most characters of a name in an alert, so that a few long names do not push the decision out of the message."""


def percent(share: float) -> str:
    """Write a share, with two digits where it is small."""
    return f"{100 * share:.2g}%" if share < 0.1 else f"{share:.0%}"  # noqa: PLR2004 - two digits either way


def sentence(words: str) -> str:
    """Begin with a capital letter, unless it is the name of a feature or persona that stands first."""
    first = words.split(" ", 1)[0]
    return words if len(first) == 1 or not first.isalpha() else words[:1].upper() + words[1:]


def one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """Keep a name on one line and short enough."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def wave_of(survey: str, wave: str) -> str:
    """Begin a sentence with a wave and, where it is known, the survey."""
    return f"{one_line(survey)}, wave {wave}" if survey else f"Wave {wave}"


def listed(lines: Sequence[str], most: int | None = LISTED) -> list[str]:
    """Write lines as a list; of more than an alert has room for the first, and how many the report has beside them."""
    shown = [f"• {line}" for line in lines[:most]]
    return shown + ([f"• and {len(lines) - len(shown)} more, see the report"] if len(lines) > len(shown) else [])
