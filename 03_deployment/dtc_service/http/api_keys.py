"""API keys: several, kept as hashes in a file that is read again when it changes.

A line of the file is a name, a space and the SHA-256 hash of a key in hexadecimal. Keys are random, so a fast hash without
salt is safe: nobody can try 2^256 of them.
"""

import hashlib
import hmac
import re
import secrets
import threading
import time
from pathlib import Path
from typing import Any, Final

import structlog

from dtc_service.errors import ApiKeysError, UnauthorizedError

LOOK_SECONDS: Final = 1.0
"""How often the file is looked at: a key that is added or taken out counts from then on."""

_LINE = re.compile(r"(?P<name>[A-Za-z0-9_.-]{1,64})\s+(?P<hash>[0-9a-f]{64})")

_log = structlog.get_logger(__name__)


def new_key(name: str) -> tuple[str, str]:
    """Make a key, and the line of the file that lets it in."""
    key = secrets.token_urlsafe(32)
    return key, f"{name} {_hash(key).hex()}"


class ApiKeys:
    """The keys in a file.

    Parameters
    ----------
    path : Path
        It must be readable when the service starts; later on the last readable state counts.

    Raises
    ------
    ApiKeysError
        If it cannot be read, or a line is neither empty, a comment nor a key.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self._hashes = _read(path)
        self._looked = time.monotonic()
        self._lock = threading.Lock()

    def check(self, environ: dict[str, Any]) -> None:
        """Refuse a request without a key, as ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``.

        Raises
        ------
        UnauthorizedError
            If there is none, or a wrong one.
        """
        self._follow()
        scheme, _, key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            key = environ.get("HTTP_X_API_KEY", "")
        sent = _hash(key.strip())
        # Every hash is compared, each in constant time: how long it takes says nothing about any of them.
        if not sum([hmac.compare_digest(sent, known) for known in self._hashes]):
            raise UnauthorizedError("an API key is needed: send it as Authorization: Bearer KEY, or as X-API-Key: KEY")

    def _follow(self) -> None:
        if time.monotonic() - self._looked < LOOK_SECONDS or not self._lock.acquire(blocking=False):
            return
        try:
            if (stamp := self._stamp_now()) != self._stamp:
                self._stamp = stamp
                self._hashes = _read(self._path)
                _log.info("API keys read again", keys=len(self._hashes))
        except ApiKeysError as error:
            _log.error("API keys not read again", problem=str(error))
        finally:
            self._looked = time.monotonic()
            self._lock.release()

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> tuple[bytes, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ApiKeysError(f"{path} (SERVICE_API_KEYS_FILE) cannot be read: {reason}") from error
    hashes = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ApiKeysError(
                f"{path} (SERVICE_API_KEYS_FILE), line {number}: expected a name, a space and a SHA-256 hash; make both "
                "with python -m dtc_service new-key NAME"
            )
        hashes.append(bytes.fromhex(match["hash"]))
    return tuple(hashes)


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
