"""Ports that the stack needs, and who holds them."""

import socket
from urllib.parse import urlsplit

import psutil
from dtc_data.core import SettingsError

from dtc_stack.errors import PortTakenError


def refuse_taken(wanted: dict[str, tuple[str, int]]) -> None:
    """Check that every port is free before anything starts.

    Parameters
    ----------
    wanted : dict
        Host and port by the setting that decides it, such as ``{"MLFLOW_PORT": ("127.0.0.1", 5050)}``.

    Raises
    ------
    PortTakenError
        If a port is taken or wanted twice; the message names the setting, the port and the process that holds it.
    """
    by_port: dict[int, str] = {}
    problems = []
    for setting, (host, port) in wanted.items():
        if (twin := by_port.setdefault(port, setting)) != setting:
            problems.append(f"{setting} and {twin} are both {port}: give them different ports in .env")
        elif not _is_free(host, port):
            problems.append(f"port {port} ({setting}) is taken by {_holder(port)}: stop it or change {setting} in .env")
    if problems:
        raise PortTakenError("; ".join(problems))


def refuse_other_port(tracking_uri: str, host: str, port: int) -> None:
    """Check that programs look for MLflow where the stack starts it.

    Another host may be a proxy, with a port of its own.

    Raises
    ------
    SettingsError
        If the address is on this machine and names another port.
    """
    address = urlsplit(tracking_uri)
    if address.hostname in {"127.0.0.1", "localhost", host} and (address.port or 80) != port:
        raise SettingsError(
            f"MLFLOW_PORT is {port}, but MLFLOW_TRACKING_URI is {tracking_uri}: change one of them in .env, so that both name the same port"
        )


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    """Name the process that listens on a port, as far as this user may see it."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            address = tuple(connection.laddr)  # empty for a socket without one
            if connection.status == psutil.CONN_LISTEN and address[1:2] == (port,) and connection.pid:
                process = psutil.Process(connection.pid)
                command = " ".join(process.cmdline())[:120] or process.name()
                return f"process {connection.pid} ({command})"
    except psutil.Error:  # macOS shows nobody's sockets to an ordinary user; a process may end while we look
        pass
    return "a process of another user"
