"""``python healthy.py URL [TEXT]``: exit with 0 if the address answers 2xx with that text, spaces apart, in it.

The images' health checks run it every few seconds, so it imports nothing but the standard library.
"""

# ruff: noqa: INP001 - the images run this file, nobody imports it

import sys
from urllib.request import ProxyHandler, build_opener

TIMEOUT_SECONDS = 5
"""How long an answer may take."""


def main(url: str, text: str = "") -> None:
    """Ask once.

    Raises
    ------
    OSError
        If nothing answers, or with another status than 2xx.
    SystemExit
        If the answer does not hold the text; Docker keeps the message.
    """
    direct = build_opener(ProxyHandler({}))  # it asks the container that it runs in, which no proxy can reach
    with direct.open(url, timeout=TIMEOUT_SECONDS) as answer:
        body = answer.read().decode()
    if "".join(text.split()) not in "".join(body.split()):
        raise SystemExit(f"{url} answers without {text!r}: {body[:300]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
