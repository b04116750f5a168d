"""A pytest plugin that prints which of our files a call enters, in order, and how often control changes file.

``TRACE_FROM=FILE:FUNCTION pytest -s -p trace_files TEST`` shows a way through the product as docs/adr/0014 compares it before and
after: from the first call of that function, such as ``check.py:check_drift``, until it returns; without ``TRACE_FROM`` the whole
test. The number of files is how many a reader has to open, the number of changes how often they turn from one to another.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

PROJECT_FOLDER = Path(os.environ.get("TRACE_FOLDER", Path(__file__).resolve().parents[1]))
"""The worktree whose files count; an older one can be named."""
SHOWN = 15
"""Pairs of files between which control passes most often."""
_FILE, _, _FUNCTION = os.environ.get("TRACE_FROM", "").rpartition(":")


class Trace:
    """Counts files of the packages as they are entered, in all threads."""

    def __init__(self) -> None:
        self.entered: dict[str, None] = {}
        self.turns: Counter[tuple[str, str]] = Counter()
        """How often a call was of a function in another file than the call before it, by these two files."""
        self.changes = 0
        self._began: FrameType | None = None
        self._is_over = False
        self._last: dict[int, str] = {}
        self._last_called: dict[int, str] = {}
        self._names: dict[str, str | None] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Take one event of `sys.setprofile`."""
        if event not in {"call", "return"} or not self._is_inside(frame, event):
            return
        code = frame.f_code if event == "call" else frame.f_back.f_code if frame.f_back else None
        if code is None or (name := self._own(code.co_filename)) is None:
            return
        thread = threading.get_ident()
        if event == "call":
            self.entered.setdefault(name)
            before = self._last_called.get(thread)
            if before != name:
                self.turns[before or "", name] += 1
                self._last_called[thread] = name
        if self._last.get(thread) != name:
            self.changes += 1
            self._last[thread] = name

    def _is_inside(self, frame: FrameType, event: str) -> bool:
        if not _FUNCTION:
            return True
        code = frame.f_code
        begins = event == "call" and code.co_name == _FUNCTION and code.co_filename.endswith(f"/{_FILE}")
        if self._began is None and begins and not self._is_over:
            self._began = frame
        if frame is self._began and event == "return":
            self._began, self._is_over = None, True
        return self._began is not None

    def _own(self, path: str) -> str | None:
        if path not in self._names:
            inside = path.startswith(str(PROJECT_FOLDER)) and "/dtc_" in path and "/.venv" not in path
            self._names[path] = path.split("/dtc_", 1)[1] if inside and not path.endswith("__init__.py") else None
        return self._names[path]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Trace the call of a test, not its fixtures."""
    trace = Trace()
    threading.setprofile(trace)
    sys.setprofile(trace)
    yield
    sys.setprofile(None)
    threading.setprofile(None)
    print(
        f"\n{item.name}: {len(trace.entered)} files, {trace.turns.total()} changes at calls, {trace.changes} with returns"
    )
    print(*(f"  dtc_{name}" for name in trace.entered), sep="\n")
    print(*(f"{times:8} {before} -> {after}" for (before, after), times in trace.turns.most_common(SHOWN)), sep="\n")
