"""A body that breaks off or is badly chunked is the client's error, with a message."""

import io
from typing import NoReturn

import pytest
from dtc_service.errors import InvalidRequestError, StalledRequestError
from dtc_service.http.body import read_body
from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize


class BrokenStream(io.RawIOBase):
    """A stream that fails as Gunicorn's does."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def read(self, _size: int = -1) -> NoReturn:
        raise self._error


@pytest.mark.parametrize("error", [InvalidChunkSize(b"ZZ"), ChunkMissingTerminator(b"a"), ConnectionResetError("gone")])
def test_broken_chunks_are_named(error: OSError) -> None:
    environ = {"wsgi.input": BrokenStream(error), "wsgi.input_terminated": True}
    with pytest.raises(InvalidRequestError, match="did not arrive whole"):
        read_body(environ, 1000)


def test_a_body_shorter_than_announced_is_named() -> None:
    environ = {"wsgi.input": io.BytesIO(b"[[1"), "CONTENT_LENGTH": "10"}
    with pytest.raises(InvalidRequestError, match="ends after 3 of 10 bytes"):
        read_body(environ, 1000)


@pytest.mark.parametrize("how", [{"wsgi.input_terminated": True}, {"CONTENT_LENGTH": "10"}])
def test_a_client_that_stops_in_the_middle_is_told_to_send_it_again(how: dict[str, object]) -> None:
    with pytest.raises(StalledRequestError, match="send the request again"):
        read_body({"wsgi.input": BrokenStream(BlockingIOError()), **how}, 1000)
