"""Named users with roles, kept with hashed passwords in a file that is read again when it changes.

A line of the file is a name, a role and the password's scrypt hash, as Werkzeug writes it.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast, get_args

import structlog
from werkzeug.security import check_password_hash, generate_password_hash

from dtc_dashboard.errors import UsersFileError

Role = Literal["viewer", "approver"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""What somebody may do: look at everything, or decide as well."""
SHORTEST_PASSWORD: Final = 10
"""Fewest characters of a password."""

_LINE = re.compile(r"(?P<name>[\w.@+-]{1,64}) (?P<role>viewer|approver) (?P<hash>scrypt:\S+)")
_NOBODY: Final = generate_password_hash("nobody has this one", method="scrypt")
"""Compared with where there is no such user, so that the time tells nothing about names."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class User:
    """Somebody who may log in."""

    name: str
    role: Role
    password_hash: str


class UserFile:
    """The users in a file; without one there are none.

    Raises
    ------
    UsersFileError
        If it cannot be read when the dashboard starts; later on the last readable state counts.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self._users = _read(path) if path and path.exists() else {}

    def find(self, name: str) -> User | None:
        """Return a user; one who was taken out of the file is gone at once."""
        self._follow()
        return self._users.get(name)

    @property
    def is_empty(self) -> bool:
        """Whether nobody can log in yet."""
        self._follow()
        return not self._users

    def check(self, name: str, password: str) -> User | None:
        """Return the user whose password this is, if there is one."""
        user = self.find(name)
        fits = check_password_hash(user.password_hash if user else _NOBODY, password)
        return user if fits else None

    def _follow(self) -> None:
        if (stamp := self._stamp_now()) == self._stamp:
            return
        self._stamp = stamp
        try:
            self._users = _read(self._path) if self._path and stamp else {}
        except UsersFileError as error:
            _log.error("users not read again", problem=str(error))

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat() if self._path else None
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino) if status else None


def write_user(path: Path, name: str, role: Role, password: str) -> bool:
    """Write a user into the file, in the place of an earlier one of that name; tell whether there was one.

    Raises
    ------
    UsersFileError
        If the name or the password cannot be used, or the file cannot be read or written.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise UsersFileError(f"the password has {len(password)} characters: take at least {SHORTEST_PASSWORD}")
    line = f"{name} {role} {generate_password_hash(password, method='scrypt')}"
    if _LINE.fullmatch(line) is None:
        raise UsersFileError(f"the name {name!r} may hold letters, digits and . @ + - _ only, 64 at most")
    users = _read(path) if path.exists() else {}
    known = name in users
    users[name] = User(name, role, line.rpartition(" ")[2])
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(f"{user.name} {user.role} {user.password_hash}\n" for user in users.values())
        draft.replace(path)
    except OSError as error:
        raise UsersFileError(f"{path} cannot be written: {error.strerror}") from error
    return known


def _read(path: Path) -> dict[str, User]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsersFileError(f"{path} (DASHBOARD_USERS_FILE) cannot be read: {reason}") from error
    users: dict[str, User] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise UsersFileError(
                f"{path} (DASHBOARD_USERS_FILE), line {number}: expected a name, a role and a password's hash; make dashboard_user "
                "NAME=… ROLE=… writes it"
            )
        users[match["name"]] = User(match["name"], cast(Role, match["role"]), match["hash"])
    return users
