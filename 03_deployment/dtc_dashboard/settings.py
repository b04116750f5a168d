"""Settings of the dashboard, read by ``dtc_data.core.read_settings``; those of service, registry and Postgres are theirs."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DashboardSettings(BaseSettings):
    """Where the dashboard listens, who is let in and what it takes; environment variables ``DASHBOARD_...``."""

    model_config = SettingsConfigDict(env_prefix="DASHBOARD_", env_ignore_empty=True, extra="forbid", frozen=True)

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8501
    published_host: str | None = None
    """Address of the machine on which people reach it, where that is another than ``host``, as in a container."""
    public_url: str | None = None
    """Address that people open, where it is another than host and port."""
    threads: Annotated[int, Field(ge=1, le=256)] = 16
    """Requests that are answered side by side, by one process."""
    access_log: bool = True
    """Whether each request is logged: time, client, path, status, size and duration; never what was typed or sent."""
    login: Literal["auto", "on", "off"] = "auto"
    """Whether people log in; ``auto``: wherever other machines can reach it."""
    users_file: Path | None = None
    """Names, roles and hashed passwords, one user per line (docs/dashboard.md)."""
    secret_key: SecretStr | None = None
    """Signs sessions; without it sessions end with the process."""
    session_hours: Annotated[float, Field(gt=0, le=720)] = 8.0
    """After how many hours a person logs in again, whatever was done meanwhile."""
    max_bytes: Annotated[int, Field(ge=1)] = 256 * 2**20
    """Largest file that is taken."""
    max_rows: Annotated[int, Field(ge=1)] = 1_000_000
    """Most units in a file."""
    state_folder: Path | None = None
    """Where the browser's Vega and uploads on their way lie; a temporary folder if not set."""

    @property
    def with_login(self) -> bool:
        """Whether people log in."""
        return self.login == "on" or (self.login == "auto" and not _is_this_machine(self.published_host or self.host))

    @property
    def dashboard_url(self) -> str:
        """Address at which programs on the same machine reach it."""
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not bound
        return f"http://[{reachable}]:{self.port}" if ":" in reachable else f"http://{reachable}:{self.port}"

    @property
    def page(self) -> str:
        """Address for people, without a slash at its end."""
        return (self.public_url or self.dashboard_url).rstrip("/")

    @property
    def bind(self) -> str:
        """Address on which it listens, as Gunicorn writes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
