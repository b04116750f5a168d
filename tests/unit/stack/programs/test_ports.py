"""A taken port is named before anything starts."""

import os
import socket
from collections.abc import Iterator

import pytest
from dtc_data.core import SettingsError
from dtc_stack.errors import PortTakenError
from dtc_stack.programs import refuse_taken
from dtc_stack.programs.ports import refuse_other_port
from fakes.ports import free_port


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
    return free_port()


@pytest.mark.parametrize("address", ["http://127.0.0.1:5050", "http://localhost:5050/", "http://10.0.0.7:5050"])
def test_mlflow_may_not_be_looked_for_at_another_port_of_this_machine(address: str) -> None:
    refuse_other_port(address, "10.0.0.7", 5050)
    with pytest.raises(SettingsError, match=f"MLFLOW_PORT is 15050, but MLFLOW_TRACKING_URI is {address}: change one"):
        refuse_other_port(address, "10.0.0.7", 15050)


def test_mlflow_may_be_looked_for_behind_a_proxy() -> None:
    refuse_other_port("https://mlflow.example.org", "127.0.0.1", 5050)
