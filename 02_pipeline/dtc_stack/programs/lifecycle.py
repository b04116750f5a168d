"""Bringing the local stack up and taking it down."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import DatabaseUnavailableError, PostgresSettings, read_settings
from dtc_model.settings import MlflowSettings
from dtc_service.settings import ServiceSettings

from dtc_stack.addresses import login, pages
from dtc_stack.databases import prepare
from dtc_stack.errors import StackError
from dtc_stack.programs.embedded_postgres import ADMIN
from dtc_stack.programs.health import Health, check, wait_until_healthy
from dtc_stack.programs.ports import refuse_other_port, refuse_taken
from dtc_stack.programs.processes import ALIVE, Supervisor
from dtc_stack.programs.programs import PROGRAMS, embedded_postgres
from dtc_stack.progress import Progress
from dtc_stack.settings import StackSettings, databases

if TYPE_CHECKING:
    from sqlalchemy import Engine

START_TIMEOUT_SECONDS = {"postgres": 60, "mlflow": 300, "mage": 300, "service": 60, "dashboard": 180}
"""How long each program may take until it is healthy; the first start fills empty databases."""


@dataclass(frozen=True)
class LocalStack:
    """The programs on this machine."""

    stack: StackSettings
    customers: PostgresSettings
    supervisor: Supervisor
    progress: Progress

    @classmethod
    def from_settings(cls, progress: Progress) -> Self:
        """Make the stack that the settings describe; nothing is started."""
        stack = read_settings(StackSettings)
        return cls(stack, read_settings(PostgresSettings), Supervisor(stack.state_folder), progress)

    @property
    def mage(self) -> StackSettings:
        """Where Mage is, and how to log in."""
        return self.stack

    @property
    def state_folder(self) -> Path:
        """Where databases and artifacts lie, and where jobs leave what they found."""
        return self.stack.state_folder

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second command off the stack while this one starts, runs or stops it.

        Raises
        ------
        StackError
            If another command is at work.
        """
        self.stack.state_folder.mkdir(parents=True, exist_ok=True)
        self.stack.state_folder.chmod(0o711)  # root runs PostgreSQL as another user, who passes through
        with (self.stack.state_folder / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise StackError(f"another command is at work on this stack (process {file.read().strip()})") from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def let_pipeline_read(self, folder: Path) -> None:
        """Do nothing: the pipeline runs as whoever runs the job."""

    def start_database(self) -> None:
        """Start PostgreSQL, and make its roles and databases where they are missing.

        Raises
        ------
        PortTakenError
            If a port of any program is taken; nothing is started then.
        SettingsError
            If MLflow would start on another port than the one where programs look for it.
        """
        refuse_other_port(read_settings(MlflowSettings).tracking_uri, self.stack.bind_host, self.stack.mlflow_port)
        if not self.supervisor.is_running() and self.supervisor.stop():
            self.progress.say("Ended what a killed supervisor had left running.")
        refuse_taken(self._ports_of_what_is_down())
        server = embedded_postgres(self.customers, self.stack)
        password = self.stack.postgres_admin_password.get_secret_value()
        with self.progress.step("PostgreSQL"):
            server.initialise(password)
            self.supervisor.ensure_running()
            self.supervisor.start("postgres")
            self._prepare_databases(password)

    def _prepare_databases(self, password: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS["postgres"]
        wanted = databases(self.customers, self.stack)
        while True:
            try:
                prepare(self.customers.host, self.customers.port, ADMIN, password, wanted)
            except DatabaseUnavailableError:
                if time.monotonic() > deadline or self.supervisor.state("postgres") not in ALIVE:
                    end = self.supervisor.log_end("postgres")
                    raise StackError(f"PostgreSQL does not come up. The end of its log:\n{end}") from None
                time.sleep(0.1)
            else:
                return

    def _ports_of_what_is_down(self) -> dict[str, tuple[str, int]]:
        service, dashboard = read_settings(ServiceSettings), read_settings(DashboardSettings)
        ports = {
            "postgres": ("POSTGRES_PORT", (self.customers.host, self.customers.port)),
            "mlflow": ("MLFLOW_PORT", (self.stack.bind_host, self.stack.mlflow_port)),
            "mage": ("MAGE_PORT", (self.stack.bind_host, self.stack.mage_port)),
            "service": ("SERVICE_PORT", (service.host, service.port)),
            "dashboard": ("DASHBOARD_PORT", (dashboard.host, dashboard.port)),
        }
        return dict(entry for name, entry in ports.items() if not self._is_alive(name))

    def start(self, *names: str) -> None:
        """Start programs side by side, without waiting for them."""
        for name in names:
            self.supervisor.start(name)

    def wait(self, *names: str) -> None:
        """Wait until programs are healthy.

        Raises
        ------
        StackError
            If one of them is not after a while; the message ends with its log.
        """
        for name in names:
            with self.progress.step(f"{name} is healthy"):
                try:
                    wait_until_healthy(name, START_TIMEOUT_SECONDS[name], partial(self._is_alive, name))
                except StackError as error:
                    end = self.supervisor.log_end(name)
                    raise StackError(f"{error}. The end of {self.supervisor.log(name)}:\n{end}") from error

    def engine(self) -> "Engine":
        """Return connections to the customer database."""
        from dtc_data.tables import make_engine  # noqa: PLC0415 - SQLAlchemy takes long to import; `status` needs none

        return make_engine(self.customers)

    def urls(self) -> dict[str, str]:
        """Return the addresses that a person or a program uses."""
        return pages(self.stack)

    def login(self) -> str:
        """Say how a person logs in to Mage."""
        return login(self.stack)

    def _is_alive(self, name: str) -> bool:
        return self.supervisor.state(name) in ALIVE

    def stop(self) -> bool:
        """Stop everything; tell whether anything ran."""
        return self.supervisor.stop()

    def status(self) -> list[Health]:
        """Ask every program how it is."""
        return [check(name) for name in PROGRAMS]

    def delete_data(self) -> None:
        """Stop everything and delete the databases, artifacts and logs."""
        self.stop()
        shutil.rmtree(self.stack.state_folder, ignore_errors=False)
