"""The kinds of entry that a catalogue is made of: numbers, texts on one line, and mappings without unknown keys."""

import math
import re
import unicodedata
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticKnownError

Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Positive = Annotated[Finite, Field(gt=0)]
Text = Annotated[str, Field(strict=True, pattern=r"\S")]
NUMBER: Final = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)
"""How a number is written in a file."""
LONGEST_TITLE: Final = 200
"""Most characters in a name that people read in tables and messages."""

_LINE_BREAKERS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories of what breaks lines, commands a terminal, or is half a character."""
_TURNERS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Unicode directions of invisible characters that can turn the text and the figures behind a name."""


def is_readable(character: str) -> bool:
    """Tell whether a character can stand in a line for people: it breaks no line, commands no terminal and turns no other character."""
    return (
        unicodedata.category(character) not in _LINE_BREAKERS and unicodedata.bidirectional(character) not in _TURNERS
    )


def _on_one_line(name: str) -> str:
    for character in name:
        if not is_readable(character):
            raise ValueError(f"must be on one line, not {name!r}: {character!r} is not a letter that people could read")
    return name


Title = Annotated[Text, Field(max_length=LONGEST_TITLE), AfterValidator(_on_one_line)]
"""A name for people, in any script."""


def in_one_spelling(name: str) -> str:
    """Return the name of a column without what spreadsheets put into it: line breaks, and several spaces for one."""
    return " ".join(name.split())


ColumnName = Annotated[Text, AfterValidator(in_one_spelling)]
"""What a file calls a column, in any words."""


def _number_or_text(value: Any) -> float | str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticKnownError("float_type")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise PydanticKnownError("finite_number")
    return number


def _typical_answer(value: Any) -> float | str | dict[str, float]:
    if isinstance(value, dict):
        return {str(key): _share(share) for key, share in value.items()}
    return _number_or_text(value)


def _share(value: Any) -> float:
    share = _number_or_text(value)
    if isinstance(share, str):
        raise PydanticKnownError("float_type")
    return share


NumberOrText = Annotated[float | str, PlainValidator(_number_or_text)]
"""What stands for a missing answer in files: a number such as 99, or a text."""
TypicalAnswer = Annotated[float | str | dict[str, float], PlainValidator(_typical_answer)]
"""One entry of a centroid: a number, the text of a value, or the share of each value."""


class Part(BaseModel):
    """Base of everything in a catalogue: it cannot change, and it has no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    def model_copy(self, **options: Any) -> Self:
        """Copy the entry, with changes that are not checked; what follows from its keys is computed again."""
        copied = super().model_copy(**options)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied
