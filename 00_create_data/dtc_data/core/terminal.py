"""Output on terminals that do not know every letter: a Latin-1 or ASCII one gets the nearest that it has, never a traceback."""

import codecs
import io
import sys
import unicodedata
from typing import Final, TextIO

_NAME: Final = "dtc_nearest"
_TYPOGRAPHY: Final = "…–—−‘’“”•·→←≥≤≈×✓█"  # noqa: RUF001 - the very letters that are meant
_IN_ASCII: Final = ("...", "-", "-", "-", "'", "'", '"', '"', "*", "*", "->", "<-", ">=", "<=", "~", "x", "+", "#")
_NEAREST: Final = str.maketrans(dict(zip(_TYPOGRAPHY, _IN_ASCII, strict=True)))
"""How our own texts and pictures are written where these are missing; of other letters the accent goes, or a ? stands for them."""


def write_every_letter() -> None:
    """Let standard output and standard error take any letter, whatever the terminal's encoding is."""
    codecs.register_error(_NAME, _nearest)
    for stream in (sys.stdout, sys.stderr):
        _let_take_any_letter(stream)


def _let_take_any_letter(stream: TextIO) -> None:
    # Something else than a text file stands there under a test or in a notebook; it takes what it takes.
    if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
        stream.reconfigure(errors=_NAME)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """Return what is written instead of the letters that cannot be, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end].translate(_NEAREST)
    letters = (letter for letter in unicodedata.normalize("NFKD", missing) if not unicodedata.combining(letter))
    return "".join(letters).encode("ascii", "replace").decode("ascii"), error.end
