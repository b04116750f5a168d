"""Starts the process that labels a file, and hears from it; whatever the file does to it, the pages go on."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from dtc_dashboard.errors import UploadError

LONGEST_SECONDS: Final = 900.0
"""How long a file may take."""
_PASSED_ON: Final = ("PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR")
"""Variables that the process sees which reads files of others: no secret among them."""


@dataclass(frozen=True)
class Rule:
    """What labels."""

    document: str
    """The model as JSON."""
    version: str
    no_fit_percentile: float


@dataclass(frozen=True)
class LabellingOrder:
    """All that the process is told."""

    catalogue: Path
    source: Path
    target: Path
    rule: Rule
    most_rows: int
    options: Mapping[str, Any]

    def to_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self), default=str)


@dataclass
class Report:
    """What came of a file."""

    refusal: str = ""
    """Why it cannot be labelled; empty if it was, or has problems by row and column."""
    n_problems: int = 0
    place: str = "row"
    """What the rows of the file are called: ``line`` or ``row``."""
    problems: list[dict[str, Any]] = field(default_factory=list)
    """The first of each kind and column: ``place`` (0 for the file as a whole), ``column``, ``kind`` and ``what``."""
    units: int = 0
    unlabelled: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    """Units by name of the segment, in the order of the catalogue."""
    remarks: list[str] = field(default_factory=list)
    """How the file was read, and what passed."""
    preview: dict[str, list[Any]] = field(default_factory=dict)
    """``columns`` and ``rows``: the first units with what was added to them."""


def label_beside(order: LabellingOrder, tell: Callable[[str, int], object]) -> Report:
    """Have a file labelled in a process of its own.

    Parameters
    ----------
    order : LabellingOrder
    tell : callable
        Hears what is being done, and how many rows of it are done.

    Raises
    ------
    UploadError
        If the process dies of the file, or takes too long.
    """
    seen = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "dtc_dashboard.uploads.label_upload"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=seen,
        text=True,
    )
    alarm = threading.Timer(LONGEST_SECONDS, process.kill)
    alarm.start()
    try:
        with process:
            return _heard(process, order, tell)
    except (OSError, ValueError, TypeError) as error:
        raise UploadError("the file cannot be read: the process that read it broke off") from error
    finally:
        alarm.cancel()
        process.kill()


def _heard(process: "subprocess.Popen[str]", order: LabellingOrder, tell: Callable[[str, int], object]) -> Report:
    assert process.stdin is not None  # noqa: S101 - it is piped
    assert process.stdout is not None  # noqa: S101 - likewise
    process.stdin.write(order.to_json())
    process.stdin.close()
    for message in _messages(process.stdout):
        if "report" in message:
            return Report(**message["report"])
        tell(str(message["what"]), int(message["rows"]))
    raise UploadError("the file cannot be read: reading it took too much time or memory; send it in parts")


def _messages(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield json.loads(line)
