"""How a CSV file is written: its encoding and its delimiter, found out from the file itself."""

import codecs
import csv
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from dtc_data.catalogue import in_one_spelling
from dtc_data.core import DtcError, SurveyFileError

WHERE_TO_SAY: Final = {
    "encoding": " with --encoding, or as encoding in the file's layout",
    "decimal": " with --decimal, or as decimal in the file's layout",
}
"""Where a person says how a file is written."""
DELIMITERS: Final = (",", ";", "\t", "|")

_CHUNK_BYTES: Final = 1 << 22
_HEAD_BYTES: Final = 1 << 16
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF_8_LETTER: Final = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
"""Bytes that are hardly anything else than one letter in UTF-8."""
_MANY: Final = 0.3
"""Share of the bytes at every second place that are zero in UTF-16 of European texts; in others none is."""


def find_encoding(path: Path, error_type: type[DtcError] = SurveyFileError) -> str:
    """Find out the encoding of a text; byte order marks are part of the text that is then read.

    Raises
    ------
    DtcError
        Of the type given, if the file cannot be read, or is partly in UTF-8 and partly in something else; the message names the line.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise error_type(f"{path}: the file cannot be read: {error.strerror}") from error
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) > _MANY * len(head) / 2:
            return encoding
    return "utf-8" if (line := _first_line_not_utf_8(path)) is None else _one_byte_encoding(path, line, error_type)


def _first_line_not_utf_8(path: Path) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return line + chunk[: error.start].count(b"\n")
            line += chunk.count(b"\n")
    return None


def _one_byte_encoding(path: Path, line: int, error_type: type[DtcError]) -> str:
    encoding = "cp1252"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            if _UTF_8_LETTER.search(chunk):
                raise error_type(
                    f"{path}, line {line}: the text is not UTF-8, although other lines are; save the file as 'CSV UTF-8', or "
                    f"say what it is{WHERE_TO_SAY['encoding']}"
                )
            try:
                chunk.decode("cp1252")
            except UnicodeDecodeError:
                encoding = "latin-1"
    return encoding


def find_delimiter(header: str, expected: Collection[str]) -> str:
    """Return what separates the cells of a header: what separates most of the expected names, else most cells."""
    if header.lower().startswith("sep=") and len(header.strip()) == len("sep=;"):
        return header[4]

    def fitness(delimiter: str) -> tuple[int, int]:
        names = {in_one_spelling(name) for name in next(csv.reader([header], delimiter=delimiter), [])}
        return len(names.intersection(expected)), len(names)

    return max(DELIMITERS, key=fitness)
