"""Sessions: who is asking, until when, and who is sent to the login first."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from flask import abort, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from dtc_dashboard.access.users import User, UserFile

OPEN: Final = frozenset({"access.login", "access.language", "overview.healthz", "static", "files.vega"})
"""Endpoints that need no login."""
MOST_FAILURES: Final = 5
"""Wrong passwords for one name, after which it is refused for `PAUSE_SECONDS`."""
PAUSE_SECONDS: Final = 60.0

_Parameters = ParamSpec("_Parameters")
_Given = TypeVar("_Given")


@dataclass(frozen=True)
class Person:
    """Who is asking."""

    name: str
    """Empty where nobody logs in."""
    may_decide: bool


@dataclass
class Gate:
    """Lets people in.

    Parameters
    ----------
    users : UserFile or None
        None where nobody logs in: whoever reaches the address may do everything, as on a machine of one's own.
    session_seconds : float
        After which time a person logs in again.
    """

    users: UserFile | None
    session_seconds: float
    _failures: dict[str, tuple[int, float]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def before_request(self) -> Response | None:
        """Find out who is asking; whoever must log in first is sent there."""
        if self.users is None:
            g.person = Person("", may_decide=True)
            return None
        user = self._user_of_session()
        g.person = Person(user.name, user.role == "approver") if user else None
        if user is not None or request.endpoint in OPEN:
            return None
        session.clear()
        if request.headers.get("HX-Request"):
            answer = Response(status=204)
            answer.headers["HX-Redirect"] = url_for("access.login")
            return answer
        return redirect(
            url_for("access.login", next=request.full_path.rstrip("?") if request.method == "GET" else None)
        )

    def log_in(self, name: str, password: str) -> bool:
        """Begin a session if name and password fit, with nothing kept of the one before."""
        if self.users is None or self._is_paused(name):
            return False
        user = self.users.check(name, password)
        with self._lock:
            if user is None:
                count, _ = self._failures.get(name, (0, 0.0))
                self._failures[name] = (count + 1, time.monotonic())
                return False
            self._failures.pop(name, None)
        session.clear()
        session.update(user=user.name, stamp=_stamp(user), until=time.time() + self.session_seconds)
        return True

    def _is_paused(self, name: str) -> bool:
        with self._lock:
            count, last = self._failures.get(name, (0, 0.0))
            over = time.monotonic() - last > PAUSE_SECONDS
            if over:
                self._failures.pop(name, None)
            return count >= MOST_FAILURES and not over

    def _user_of_session(self) -> User | None:
        """Return who the session belongs to: not ended, not taken out of the file, with the same password and role."""
        if self.users is None or time.time() > float(session.get("until", 0)):
            return None
        user = self.users.find(str(session.get("user", "")))
        return user if user is not None and session.get("stamp") == _stamp(user) else None


def person() -> Person:
    """Return who is asking."""
    found: Person | None = g.get("person")
    return found or Person("", may_decide=False)


def approver_only(view: Callable[_Parameters, _Given]) -> Callable[_Parameters, _Given]:
    """Refuse a view to whoever may only look."""

    @wraps(view)
    def guarded(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Given:
        if not person().may_decide:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def _stamp(user: User) -> str:
    content: Any = f"{user.role} {user.password_hash}"
    return hashlib.sha256(content.encode()).hexdigest()[:32]
