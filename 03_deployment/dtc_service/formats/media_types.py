"""Which kind of body a request says it has, and which it asks for."""

from collections.abc import Callable
from typing import NamedTuple

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from dtc_service.errors import NotAcceptableError
from dtc_service.formats.label_columns import Labels
from dtc_service.formats.media_names import ARROW, CSV, JSON, MEDIA_TYPES, PARQUET
from dtc_service.formats.text_responses import write_csv, write_json


class ResponseForm(NamedTuple):
    """A media type of `MEDIA_TYPES`, and what writes it."""

    media_type: str
    write: Callable[[Labels], bytes]


_AS_JSON = ResponseForm(JSON, write_json)


def declared(content_type: str) -> str:
    """Return the media type in a Content-Type header, without parameters; JSON if there is none."""
    if content_type in {"", JSON}:
        return JSON  # by far the most frequent
    return parse_options_header(content_type)[0].lower()


def accepted(accept: str) -> ResponseForm:
    """Return the form of response that an Accept header asks for; JSON if it does not care.

    Raises
    ------
    NotAcceptableError
        If it takes none of `MEDIA_TYPES`.
    """
    if accept in {"", "*/*", JSON}:
        return _AS_JSON
    best = parse_accept_header(accept, MIMEAccept).best_match(MEDIA_TYPES)
    if best is None:
        raise NotAcceptableError(f"none of the types in Accept is written here: ask for {', '.join(MEDIA_TYPES)}")
    return ResponseForm(best, _writer_of(best))


def _writer_of(media_type: str) -> Callable[[Labels], bytes]:
    if media_type in {PARQUET, ARROW}:
        from dtc_service.formats import arrow_responses  # noqa: PLC0415 - PyArrow is large

        return arrow_responses.write_arrow if media_type == ARROW else arrow_responses.write_parquet
    return write_csv if media_type == CSV else write_json
