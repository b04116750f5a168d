"""The programs of the stack: the command and the environment of each.

Each program gets the settings that it needs and no other program's secrets.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import PostgresSettings, SegmentationSettings, read_settings, settled
from dtc_model.settings import MlflowSettings
from dtc_service.settings import ServiceSettings

from dtc_stack.mage import lay_out
from dtc_stack.programs.embedded_postgres import EmbeddedPostgres
from dtc_stack.programs.env_file import known_names
from dtc_stack.programs.orphan_processes import PROGRAM_MARK, STACK_MARK, end, marked
from dtc_stack.settings import PROJECT_FOLDER, ContainerSettings, StackSettings, databases, environment_names

LEFTOVER_SECONDS = 10
"""How long leftovers of a killed program may take to end before they are killed too."""
_MARKS = (STACK_MARK, PROGRAM_MARK)
"""Variables by which a stack knows its own programs."""
SCHEDULER_INTERVAL_SECONDS = 1
"""How often Mage looks for runs to start."""


@dataclass(frozen=True)
class Program:
    """A command with its whole environment."""

    name: str
    command: list[str]
    environment: dict[str, str]

    def become(self) -> None:
        """Replace this process by the program, once what a killed predecessor left behind has ended.

        A killed parent leaves children that hold its port; the new program could not listen. A program that belongs to no
        stack ends nothing.
        """
        if marks := {name: self.environment[name] for name in _MARKS if name in self.environment}:
            end(marked(marks), LEFTOVER_SECONDS)
        os.execve(self.command[0], self.command, self.environment)  # noqa: S606 - no shell is wanted


def embedded_postgres(customers: PostgresSettings, stack: StackSettings) -> EmbeddedPostgres:
    """Return the embedded server that the settings describe."""
    return EmbeddedPostgres(stack.state_folder / "postgres", customers.host, customers.port)


def program(name: str) -> Program:
    """Build one of the programs from the settings in the environment.

    Raises
    ------
    KeyError
        If there is no program of that name.
    SettingsError
        If a setting that it needs is missing or wrong.
    """
    built = _BUILDERS[name](read_settings(StackSettings))
    return replace(built, environment=built.environment | {PROGRAM_MARK: name})


def program_beside(name: str) -> Program:
    """Build a program that runs beside the stack, whether that runs or not: it belongs to no stack.

    What starts, restarts or stops a stack tells its programs by their marks, so it neither ends this one nor is ended by it.
    """
    built = program(name)
    return replace(built, environment={key: value for key, value in built.environment.items() if key not in _MARKS})


def _shared_environment(stack: StackSettings) -> dict[str, str]:
    """Return what every program may see: the machine's variables without any setting of ours."""
    ours = known_names()
    rest = {name: value for name, value in settled(os.environ).items() if name not in ours}
    folder = str(Path(sys.executable).parent)
    return rest | {
        "PATH": f"{folder}{os.pathsep}{rest.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",  # of the logs: what a terminal here can show is no matter
        STACK_MARK: str(stack.state_folder),
    }


def _settings_of(*names: str) -> dict[str, str]:
    """Pass on those settings that are set."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def _binary(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _postgres(stack: StackSettings) -> Program:
    """PostgreSQL: needs no secret to run, its passwords lie in the cluster."""
    server = embedded_postgres(read_settings(PostgresSettings), stack)
    command = server.command()
    if not Path(command[0]).is_absolute():
        command = ["/usr/bin/env", *command]
    return Program("postgres", command, _shared_environment(stack))


def _mlflow(stack: StackSettings) -> Program:
    """MLflow: backend and registry in Postgres, artifacts through the server, so clients need no credentials for them."""
    customers = read_settings(PostgresSettings)
    _, tracking, _ = databases(customers, stack)
    artifacts = stack.state_folder / "mlflow-artifacts"
    artifacts.mkdir(parents=True, exist_ok=True)
    environment = {
        "MLFLOW_BACKEND_STORE_URI": tracking.url(customers.host, customers.port),  # not an argument: ps shows those
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    command = [_binary("mlflow"), "server", "--host", stack.bind_host, "--port", str(stack.mlflow_port)]
    command += ["--artifacts-destination", str(artifacts), "--workers", "1", "--app-name", "model_training"]
    return Program("mlflow", command, _shared_environment(stack) | environment)


def _mage(stack: StackSettings) -> Program:
    """Mage with its scheduler; its blocks read the customer data, MLflow and Telegram settings."""
    customers = read_settings(PostgresSettings)
    *_, state = databases(customers, stack)
    rooms = _settings_of(
        *(known_names() - environment_names(StackSettings).keys() - environment_names(ContainerSettings).keys())
    )
    environment = {
        "MAGE_DATABASE_CONNECTION_URL": state.url(customers.host, customers.port),
        "MAGE_DATA_DIR": str(stack.state_folder / "mage" / "data"),
        "REQUIRE_USER_AUTHENTICATION": "1",
        "DEFAULT_OWNER_EMAIL": stack.mage_owner_email,
        "DEFAULT_OWNER_USERNAME": "owner",
        "DEFAULT_OWNER_PASSWORD": stack.mage_owner_password.get_secret_value(),
        "JWT_SECRET": stack.mage_jwt_secret.get_secret_value(),
        "SCHEDULER_TRIGGER_INTERVAL": str(SCHEDULER_INTERVAL_SECONDS),
    }
    project = lay_out(stack.state_folder / "mage" / "persona_project")
    command = [sys.executable, "-m", "dtc_stack.mage.server", "start", str(project)]
    command += ["--host", stack.bind_host, "--port", str(stack.mage_port)]
    return Program("mage", command, _shared_environment(stack) | rooms | environment)


def _service(stack: StackSettings) -> Program:
    """Gunicorn with the prediction service; it knows the registry's address and no database."""
    names = [
        name
        for settings in (ServiceSettings, MlflowSettings, SegmentationSettings)
        for name in environment_names(settings)
    ]
    # Not in a temporary folder, which is cleaned while the service runs.
    rooms = {"SERVICE_STATE_FOLDER": str(stack.state_folder / "service")} | _settings_of(*names)
    command = [_binary("gunicorn"), "--config", str(PROJECT_FOLDER / "03_deployment" / "gunicorn.conf.py")]
    return Program("service", [*command, "dtc_service.http.app:create_app()"], _shared_environment(stack) | rooms)


def _dashboard(stack: StackSettings) -> Program:
    """Gunicorn with the pages for people; they ask Postgres, the registry and the service."""
    names = [
        name
        for settings in (DashboardSettings, PostgresSettings, MlflowSettings, SegmentationSettings)
        for name in environment_names(settings)
    ]
    service = ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_API_KEY")
    rooms = {"DASHBOARD_STATE_FOLDER": str(stack.state_folder / "dashboard")} | _settings_of(*names, *service)
    command = [_binary("gunicorn"), "--config", str(PROJECT_FOLDER / "03_deployment" / "dashboard.gunicorn.conf.py")]
    return Program("dashboard", [*command, "dtc_dashboard.pages.app:create_app()"], _shared_environment(stack) | rooms)


_BUILDERS: dict[str, Callable[[StackSettings], Program]] = {
    "postgres": _postgres,
    "mlflow": _mlflow,
    "mage": _mage,
    "service": _service,
    "dashboard": _dashboard,
}
PROGRAMS = tuple(_BUILDERS)
"""Names of the programs, in the order in which they start."""
