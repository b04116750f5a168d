"""The body of a request, read whole, and unpacked if it is packed."""

import zlib
from contextlib import suppress
from typing import Any, Final

from dtc_data.core import DtcError

from dtc_service.errors import InvalidRequestError, StalledRequestError, TooLargeError, UnsupportedMediaTypeError

_GZIP: Final = 16 + zlib.MAX_WBITS
"""Tells zlib to expect gzip's header."""

DISCARDED_BYTES: Final = 2**20
"""Largest body that is read only to be thrown away."""


def read_body(environ: dict[str, Any], max_bytes: int) -> bytes:
    """Return the body of a request.

    The body is taken from the server in one piece: in small pieces a body of 10,000 respondents took a fifth longer, one of
    1,000,000 three times as long.

    Raises
    ------
    UnsupportedMediaTypeError
        If the body is packed in another way than with gzip.
    TooLargeError
        If the body is longer than ``max_bytes``, as it comes or unpacked.
    InvalidRequestError
        If it ends before its announced length, or cannot be unpacked.
    StalledRequestError
        If nothing more arrives (see `dtc_service.server.gunicorn_worker`).
    """
    # Received even if it is refused: left on the connection it would be in the way of the next request.
    body = _received(environ, max_bytes)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise UnsupportedMediaTypeError(
            f"a body encoded as {encoding[:40]!r} is not read here: send gzip, or it as it is"
        )
    return _unpacked(body, max_bytes) if encoding.endswith("gzip") else body


def discard_body(environ: dict[str, Any]) -> None:
    """Take a body that nobody wants off the connection, unless it is large: the server then ends the connection."""
    with suppress(DtcError):
        _received(environ, DISCARDED_BYTES)


def _received(environ: dict[str, Any], max_bytes: int) -> bytes:
    stream = environ["wsgi.input"]
    try:
        announced = int(environ["CONTENT_LENGTH"]) if environ.get("CONTENT_LENGTH") else None
    except ValueError:
        announced = -1
    if announced is None:
        if not environ.get("wsgi.input_terminated"):
            return b""  # neither a length nor an end: reading would wait for ever
        body = _chunks(stream, max_bytes)
    else:
        if announced < 0:
            raise InvalidRequestError("the Content-Length is not a number")
        if announced > max_bytes:
            raise _too_large(max_bytes)
        # Gunicorn's stream would fetch 1,024 bytes at a time; what lies below it takes the body as the network gives it.
        body = _read(getattr(stream, "reader", stream), announced)
        if len(body) < announced:
            raise InvalidRequestError(f"the body ends after {len(body)} of {announced} bytes")
    if len(body) > max_bytes:
        raise _too_large(max_bytes)
    return body


def _chunks(stream: Any, max_bytes: int) -> bytes:
    try:
        return _read(stream, max_bytes + 1)
    except OSError as error:
        raise InvalidRequestError(
            f"the body did not arrive whole, or its chunks are not written as HTTP demands: {error}"
        ) from error


def _read(stream: Any, n_bytes: int) -> bytes:
    try:
        body: bytes = stream.read(n_bytes)
    except BlockingIOError as error:
        raise StalledRequestError("the rest of the body did not come: send the request again, in one go") from error
    return body


def _unpacked(body: bytes, max_bytes: int) -> bytes:
    """Unpack a gzip body, of several members if need be, and stop as soon as it is too large."""
    parts: list[bytes] = []
    room = max_bytes + 1
    while body:
        unpacker = zlib.decompressobj(_GZIP)
        try:
            part = unpacker.decompress(body, room)
        except zlib.error as error:
            raise InvalidRequestError(f"the body is not gzip, as its Content-Encoding says: {error}") from error
        parts.append(part)
        room -= len(part)
        if room <= 0:
            raise _too_large(max_bytes, " unpacked")
        if not unpacker.eof:
            raise InvalidRequestError("the gzip body ends too early")
        body = unpacker.unused_data
    return b"".join(parts)


def _too_large(max_bytes: int, state: str = "") -> TooLargeError:
    return TooLargeError(f"a request may hold {max_bytes} bytes{state} (SERVICE_MAX_BYTES): send it in parts")
