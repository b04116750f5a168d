"""Whether each program does for a client what it is there for; an open port is not enough."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import httpx
import psycopg2
from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import PostgresSettings, read_settings
from dtc_model.settings import MlflowSettings
from dtc_service.settings import ServiceSettings

from dtc_stack.errors import StackError
from dtc_stack.settings import MageSettings

PROBE_SECONDS = 5
"""How long one question to a program may take."""


@dataclass(frozen=True)
class Health:
    """What a program answered."""

    name: str
    url: str
    healthy: bool
    detail: str


def check(name: str) -> Health:
    """Ask a program for what its clients need."""
    url, probe = _PROBES[name]()
    try:
        detail = probe()
    except (httpx.HTTPError, psycopg2.Error, ValueError, KeyError, IndexError) as error:
        return Health(name, url, healthy=False, detail=" ".join(str(error).split()) or type(error).__name__)
    return Health(name, url, healthy=True, detail=detail)


def wait_until_healthy(name: str, timeout_seconds: float, is_alive: Callable[[], bool]) -> Health:
    """Ask a program again and again until it is healthy.

    Raises
    ------
    StackError
        If it ends or stays unhealthy for too long; the message holds its last response.
    """
    started = time.monotonic()
    while not (health := check(name)).healthy:
        waited = time.monotonic() - started
        if waited > timeout_seconds or not is_alive():
            raise StackError(f"{name} is not healthy after {waited:.0f} s: {health.detail}")
        time.sleep(0.2)
    return health


def _postgres() -> tuple[str, Callable[[], str]]:
    settings = read_settings(PostgresSettings)

    def probe() -> str:
        connection = psycopg2.connect(
            host=settings.host,
            port=settings.port,
            user=settings.user,
            password=settings.password.get_secret_value(),
            dbname=settings.dbname,
            connect_timeout=PROBE_SECONDS,
        )
        connection.close()
        return f"accepts {settings.user}"

    return f"postgresql://{settings.host}:{settings.port}/{settings.dbname}", probe


def _mlflow() -> tuple[str, Callable[[], str]]:
    url = read_settings(MlflowSettings).tracking_uri.rstrip("/")

    def probe() -> str:
        # A search reaches the database and passes the check of the Host header; /health does neither.
        response = httpx.get(f"{url}/api/2.0/mlflow/registered-models/search", timeout=PROBE_SECONDS)
        response.raise_for_status()
        return f"registry answers, {len(response.json().get('registered_models', []))} registered models"

    return url, probe


def _mage() -> tuple[str, Callable[[], str]]:
    url = read_settings(MageSettings).mage_url

    def probe() -> str:
        response = httpx.get(f"{url}/api/statuses", timeout=PROBE_SECONDS)
        response.raise_for_status()
        status = response.json()["statuses"][0]["scheduler_status"]
        if status != "running":
            raise ValueError(f"the scheduler is {status}")
        return "scheduler runs"

    return url, probe


def _service() -> tuple[str, Callable[[], str]]:
    url = read_settings(ServiceSettings).service_url

    def probe() -> str:
        response = httpx.get(f"{url}/readyz", timeout=PROBE_SECONDS)
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise ValueError(f"serves no model: {response.json()['error']['message']}")
        response.raise_for_status()
        return f"serves version {response.json()['model_version']}"

    return url, probe


def _dashboard() -> tuple[str, Callable[[], str]]:
    url = read_settings(DashboardSettings).dashboard_url

    def probe() -> str:
        httpx.get(f"{url}/healthz", timeout=PROBE_SECONDS).raise_for_status()
        return "answers"

    return url, probe


_PROBES: dict[str, Callable[[], tuple[str, Callable[[], str]]]] = {
    "postgres": _postgres,
    "mlflow": _mlflow,
    "mage": _mage,
    "service": _service,
    "dashboard": _dashboard,
}
