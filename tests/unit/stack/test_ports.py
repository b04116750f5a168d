"""A taken port is named before anything starts."""

import os
import socket
from collections.abc import Iterator

import pytest
from dtc_stack.errors import PortTakenError
from dtc_stack.ports import refuse_taken


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_free_ports_pass(unused_port: int) -> None:
    refuse_taken({"MAGE_PORT": ("127.0.0.1", unused_port)})


def test_the_holder_is_named(taken_port: int) -> None:
    with pytest.raises(
        PortTakenError, match=rf"port {taken_port} \(MLFLOW_PORT\) is taken by process {os.getpid()} \("
    ):
        refuse_taken({"MLFLOW_PORT": ("127.0.0.1", taken_port)})


def test_two_settings_may_not_want_the_same_port(unused_port: int) -> None:
    with pytest.raises(
        PortTakenError, match=f"MLFLOW_PORT and MAGE_PORT are both {unused_port}|MAGE_PORT and MLFLOW_PORT"
    ):
        refuse_taken({"MAGE_PORT": ("127.0.0.1", unused_port), "MLFLOW_PORT": ("127.0.0.1", unused_port)})


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
