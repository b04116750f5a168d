"""Why a JSON body was refused, in words: msgspec's problems with the row and the field that they concern.

msgspec reports a place as a path such as ``$[3].x2``. Its messages are read here; nothing is judged a second time.
"""

import json
import re

import msgspec
from dtc_data.catalogue import Words

from dtc_service.errors import InvalidRequestError
from dtc_service.formats.row_schemas import Form

LONGEST_FIELD_CHARACTERS = 80
"""How much of an unknown key is repeated in a message."""

_PLACE = re.compile(r"(?:\[(?P<row>\d+)\](?:\.(?P<key>.*)|\[(?P<index>\d+)\])?)?`", re.DOTALL)
_ABOUT_A_FIELD = re.compile(r"Object (?P<what>missing required|contains unknown) field `(?P<field>.*)`", re.DOTALL)
_BYTE = re.compile(r"\(byte (\d+)\)")
_NOT_A_NUMBER = re.compile(rb"NaN|Infinity")
_TYPES = re.compile(r"`([a-z]+(?: \| [a-z]+)*)`")
_WORDS = {
    "float": "a number",
    "int": "a number",
    "str": "a string",
    "bool": "true or false",
    "null": "null",
    "array": "an array",
    "object": "an object",
}


def wrong_row(form: Form, error: msgspec.ValidationError, words: Words) -> InvalidRequestError:
    """Explain JSON that is not an array of units of this form, in the catalogue's words."""
    problem_text, _, path = str(error).partition(" - at `$")
    place = _PLACE.fullmatch(path)
    if place is None or place["row"] is None:
        return InvalidRequestError(
            f"{_in_words(problem_text)}: send an array of {words.units}, each {form.description}"
        )
    row = int(place["row"])
    expected = f"each {words.unit} is {form.description}" + (", like the first" if row else "")
    if (about := _ABOUT_A_FIELD.fullmatch(problem_text)) is not None:
        problem = "is missing" if about["what"] == "missing required" else "is unknown"
        way_out = ", null where an answer is missing" if form.missing_allowed and problem == "is missing" else ""
        return _refusal(f"{problem}: {expected}{way_out}", row, about["field"])
    field = form.fields[int(place["index"])] if place["index"] else place["key"]
    if field is None:
        return _refusal(f"{_in_words(problem_text)}: {expected}", row, None)
    # What msgspec says of a value that is none of a few would repeat the answer, and of a grade would speak of multiples.
    is_of_few = problem_text.startswith("Invalid enum value") or "multiple" in problem_text
    return _refusal(f"expected {form.expected[field]}" if is_of_few else _in_words(problem_text), row, field)


def broken_json(form: Form, body: bytes, error: msgspec.DecodeError, words: Words) -> InvalidRequestError:
    """Explain a body that is not JSON."""
    if not body.strip():
        return InvalidRequestError(f"the body is empty: send an array of {words.units}, each {form.description}")
    problem_text = str(error).removeprefix("JSON is malformed: ")
    position = _BYTE.search(problem_text)
    if position is not None and _NOT_A_NUMBER.match(body, int(position[1])):
        return _not_a_number(form, body[: int(position[1])].removesuffix(b"-"), words)
    return InvalidRequestError(f"the body is not valid JSON: {_in_words(problem_text)}")


def broken_text(error: UnicodeDecodeError) -> InvalidRequestError:
    """Explain a body with a key that is not UTF-8."""
    return InvalidRequestError(f"the body is not UTF-8: a key cannot be read ({error.reason})")


def refuse_repeated_key(body: bytes) -> None:
    """Refuse a body that is right but for a key that one of its respondents has twice.

    Raises
    ------
    InvalidRequestError
        If there is such a key.
    """
    rows: list[list[str]] = json.loads(body, object_pairs_hook=lambda pairs: [key for key, _ in pairs])
    for row, keys in enumerate(rows):
        if len(set(keys)) < len(keys):
            raise _refusal("is given twice", row, next(key for key in keys if keys.count(key) > 1))


def _not_a_number(form: Form, before: bytes, words: Words) -> InvalidRequestError:
    """Find the row and field of a NaN or Infinity: msgspec names them when it meets a null in its place."""
    problem = "NaN and Infinity are not JSON, and cannot be labelled"
    try:
        form.decoder.decode(before + b"null")
    except msgspec.ValidationError as error:
        place = wrong_row(form, error, words)
        if place.row is not None:
            return _refusal(problem, place.row, place.field)
    except msgspec.DecodeError:
        pass  # it stands where no value can
    return InvalidRequestError(f"the body is not valid JSON: {problem}")


def _refusal(problem: str, row: int, field: str | None) -> InvalidRequestError:
    where = f"row {row} (counted from 0)"
    if field is not None:
        field = field[:LONGEST_FIELD_CHARACTERS]
        where += f", field {field!r}"
    return InvalidRequestError(f"{where}: {problem}", row=row, field=field)


def _in_words(problem_text: str) -> str:
    problem_text = _TYPES.sub(_types_in_words, problem_text)
    return problem_text[:1].lower() + problem_text[1:]


def _types_in_words(match: re.Match[str]) -> str:
    names = match[1].split(" | ")
    return " or ".join(dict.fromkeys(_WORDS.get(name, f"`{name}`") for name in names))
