"""Which kinds of body are read and written, and how they are told apart."""

from collections.abc import Callable, Sequence

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from dtc_service.errors import NotAcceptableError, UnsupportedMediaTypeError
from dtc_service.formats.json_requests import JsonRequests
from dtc_service.formats.label_columns import Labels
from dtc_service.formats.media_names import ARROW, CSV, JSON, MEDIA_TYPES, PARQUET
from dtc_service.formats.request_rows import Units, Wanted
from dtc_service.formats.text_responses import write_csv, write_json

Reader = Callable[[bytes, Sequence[str]], Units]


def reader_of(media_type: str, wanted: Wanted, json: JsonRequests, max_bytes: int) -> Reader:
    """Return what reads a body of a type.

    Raises
    ------
    UnsupportedMediaTypeError
        If nothing does.
    """
    if media_type == CSV:
        from dtc_service.formats.csv_requests import read_csv  # noqa: PLC0415 - most processes only ever see JSON

        return lambda body, ids: read_csv(body, wanted, ids)
    if media_type in {PARQUET, ARROW}:
        from dtc_service.formats import arrow_requests  # noqa: PLC0415 - PyArrow is large

        if media_type == ARROW:
            return lambda body, ids: arrow_requests.read_arrow(body, wanted, ids)
        return lambda body, ids: arrow_requests.read_parquet(body, wanted, ids, max_bytes)
    if media_type == JSON:
        return json.read
    raise UnsupportedMediaTypeError(
        f"a body of type {media_type[:80]!r} is not read here: send {', '.join(MEDIA_TYPES)}"
    )


def writer_of(media_type: str) -> Callable[[Labels], bytes]:
    """Return what writes an answer of one of `MEDIA_TYPES`."""
    if media_type in {PARQUET, ARROW}:
        from dtc_service.formats import arrow_responses as arrow_answers  # noqa: PLC0415 - PyArrow is large

        return arrow_answers.write_arrow if media_type == ARROW else arrow_answers.write_parquet
    return write_csv if media_type == CSV else write_json


def declared(content_type: str) -> str:
    """Return the media type in a Content-Type header, without parameters; JSON if there is none."""
    if content_type in {"", JSON}:
        return JSON  # by far the most frequent
    return parse_options_header(content_type)[0].lower()


def accepted(accept: str) -> str:
    """Return the media type that an Accept header asks for; JSON if it does not care.

    Raises
    ------
    NotAcceptableError
        If it takes none of `MEDIA_TYPES`.
    """
    if accept in {"", "*/*", JSON}:
        return JSON
    best = parse_accept_header(accept, MIMEAccept).best_match(MEDIA_TYPES)
    if best is None:
        raise NotAcceptableError(f"none of the types in Accept is written here: ask for {', '.join(MEDIA_TYPES)}")
    return best
