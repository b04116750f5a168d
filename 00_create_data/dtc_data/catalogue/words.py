"""The words by which the people of a catalogue call its units and segments."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import model_validator

from dtc_data.catalogue.schema_parts import Part, Title


class Noun(Part):
    """A word and its plural; a word alone gets an s."""

    singular: Title
    plural: Title

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"singular": given, "plural": f"{given}s"}
        if isinstance(given, dict) and isinstance(given.get("singular"), str):
            return {"plural": f"{given['singular']}s"} | given
        return given


@dataclass(frozen=True)
class Words:
    """What messages call a unit, several units, a segment and several segments."""

    unit: str = "unit"
    units: str = "units"
    segment: str = "segment"
    segments: str = "segments"

    def units_counted(self, count: int) -> str:
        """Return a number of units in words, such as ``1 customer`` or ``1,200 customers``."""
        return f"{count:,} {self.unit if count == 1 else self.units}"


PLAIN_WORDS: Final = Words()
"""Where no catalogue says any."""


def capital(word: str) -> str:
    """Begin with a capital letter, and leave the others as they are."""
    return word[:1].upper() + word[1:]
