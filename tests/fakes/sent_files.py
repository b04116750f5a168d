"""Files sent to the pages as a browser sends them, and what came of them."""

import io
import re
import time
from typing import Final

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

WAIT_SECONDS: Final = 300
"""Generous: machines that run tests are busy."""


def send(
    client: FlaskClient, content: bytes, name: str, segmentation: str = "shoppers", **options: str
) -> TestResponse:
    """Send a file by the form."""
    address = f"/upload/{segmentation}"
    form = {"csrf_token": token_of(client.get(address).text), "file": (io.BytesIO(content), name)}
    return client.post(address, data=form | options)


def outcome(client: FlaskClient, content: bytes, name: str, **options: str) -> tuple[str, str]:
    """Send a file, and return the address and the page that say what came of it."""
    answer = send(client, content, name, **options)
    assert answer.status_code == 303, answer.text
    deadline = time.monotonic() + WAIT_SECONDS
    while "every 1s" in (page := client.get(answer.location).text):
        assert time.monotonic() < deadline, page
        time.sleep(0.1)
    return answer.location, page


def labelled(client: FlaskClient, content: bytes, name: str, **options: str) -> bytes:
    """Send a file that can be labelled, and return it as it comes back."""
    address, page = outcome(client, content, name, **options)
    assert " labelled." in page, page
    answer = client.get(f"{address}/file")
    assert answer.status_code == 200
    return bytes(answer.data)


def token_of(page: str) -> str:
    """Return the token against forgery of a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]
