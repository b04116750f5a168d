"""The environment of every program of ours: nothing reports to its makers, and this machine is reached without a proxy."""

import ipaddress
import os
import socket
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

TELEMETRY_OFF: Final = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",  # MLflow again, and Evidently
    "ITERATIVE_DO_NOT_TRACK": "true",  # the library by which Evidently reports
}
"""What keeps libraries from reporting on their use. MLflow's reports also change the environment in a thread of their own while
requests reads it, which ends a run at random. Mage is told in its project's ``metadata.yaml``."""

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_ADDRESSES: Final = ("BIND_HOST", "SERVICE_HOST", "MLFLOW_TRACKING_URI", "TELEGRAM_API_URL")
"""Settings that say where something is that we talk to by HTTP."""
_EXCEPTIONS: Final = ("no_proxy", "NO_PROXY")
"""Libraries read the one or the other."""


def settle_environment() -> None:
    """Settle the environment of this process; before MLflow is asked anything, and after ``.env`` has been loaded."""
    os.environ.update(settled(os.environ))


def settled(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with telemetry off, and with all addresses of this machine among the exceptions from proxies."""
    return {**environment, **TELEMETRY_OFF, **dict.fromkeys(_EXCEPTIONS, _exceptions(environment))}


def _exceptions(environment: Mapping[str, str]) -> str:
    """Return what a person has excepted already and, after it, this machine; without a double."""
    given = [host.strip() for name in _EXCEPTIONS for host in environment.get(name, "").split(",")]
    return ",".join(dict.fromkeys([*filter(None, given), *_LOOPBACK, *_own_hosts(environment)]))


def _own_hosts(environment: Mapping[str, str]) -> Iterator[str]:
    for name in _ADDRESSES:
        value = environment.get(name, "")
        host = _host_of(value) if "://" in value else value
        if host and _is_of_this_machine(host):
            yield host


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a wrong address is told by whoever reads the setting
        return ""


def _is_of_this_machine(host: str) -> bool:
    """Tell whether a host is this one. Other names are not looked up: that can take seconds, and says nothing new."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == socket.gethostname().lower()
    family = socket.AF_INET if isinstance(address, ipaddress.IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True
