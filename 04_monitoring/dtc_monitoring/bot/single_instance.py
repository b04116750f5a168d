"""One bot per token on a machine: two would take each other's updates, and answer some of them twice."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from dtc_monitoring.errors import BotRunsAlreadyError

_log = structlog.get_logger()


@contextmanager
def only_one_bot(token: str) -> Iterator[None]:
    """Keep a second bot with this token from being started on this machine; the lock ends with the process.

    Where no lock can be kept, as on a full disk, the bot runs without one. Telegram tells it of another bot, too.

    Raises
    ------
    BotRunsAlreadyError
        If one runs.
    """
    digest = hashlib.sha256(token.encode()).hexdigest()[:16]
    try:
        lock = _open(Path(tempfile.gettempdir()) / f"dtc-telegram-bot-{digest}.lock")
    except OSError as error:
        _log.warning("whether this bot runs already cannot be told", reason=str(error))
        yield
        return
    try:
        _take(lock)
        yield
    finally:
        os.close(lock)


def _take(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BotRunsAlreadyError(
            "a bot with this BOT_TOKEN runs on this machine already (python -m dtc_monitoring bot): it answers, so nothing "
            "is left to do; or stop it, then start this one"
        ) from None


def _open(path: Path) -> int:
    """Open a file that may be another user's: reading is enough to lock it."""
    try:
        return os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
