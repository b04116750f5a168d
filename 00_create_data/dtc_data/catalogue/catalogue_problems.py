"""What pydantic finds wrong in a catalogue, in words for whoever wrote it."""

import reprlib
from collections.abc import Iterable
from typing import Any, Final

from dtc_data.catalogue.schema_parts import LONGEST_TITLE

_MESSAGES: Final = {
    "missing": "is missing",
    "extra_forbidden": "unknown key",
    "float_type": "must be a number, not {} (no quotes, and a point before an exponent as in 1.0e-5)",
    "finite_number": "must be a finite number, not {}",
    "int_type": "must be a whole number, not {}",
    "string_too_long": f"may have at most {LONGEST_TITLE} characters",
    "string_type": "must be text, not {} (write it in quotes)",
    "string_pattern_mismatch": "must not be blank",
    "tuple_type": "must be a list, not {}",
    "bool_type": "must be true or false, not {}",
    "model_type": "must be a mapping, not {}",
    "model_attributes_type": "must be a mapping, not {}",
}
"""Words for the kinds of problem that pydantic would describe for programmers."""


def in_words(problems: Iterable[Any], document: Any) -> str:
    """Return all problems in words."""
    return "; ".join(_describe(problem, document) for problem in problems)


def _describe(problem: Any, document: Any) -> str:
    """Say one problem in words, with the feature or segment by name where it has one."""
    where: list[str] = []
    entry = document
    for step in problem["loc"]:
        try:
            entry = entry[step]
        except (KeyError, IndexError, TypeError):  # the entry that is missing
            entry = None
        if isinstance(step, int):
            name = f" ({entry['name']!r})" if isinstance(entry, dict) and "name" in entry else ""
            where[-1] += f" number {step + 1}{name}"
        else:
            where.append(step)
    template = _MESSAGES.get(problem["type"])
    said = template.format(reprlib.repr(problem["input"])) if template else problem["msg"].removeprefix("Value error, ")
    return f"{', '.join(where)}: {said}" if where else said
