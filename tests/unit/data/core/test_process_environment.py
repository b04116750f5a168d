"""The environment in which nothing reports to its makers and this machine is reached directly."""

import os
import socket

import pytest
from dtc_data.core import TELEMETRY_OFF, settle_environment, settled

LOOPBACK = "localhost,127.0.0.1,::1"


def test_telemetry_is_off_whatever_was_set() -> None:
    environment = settled({"MLFLOW_DISABLE_TELEMETRY": "false", "HOME": "/root"})
    assert environment.items() >= (TELEMETRY_OFF | {"HOME": "/root"}).items()


def test_this_machine_is_an_exception_in_both_spellings() -> None:
    environment = settled({})
    assert (environment["no_proxy"], environment["NO_PROXY"]) == (LOOPBACK, LOOPBACK)


def test_what_a_person_has_excepted_stays() -> None:
    environment = settled({"no_proxy": "intranet.example.com", "NO_PROXY": "10.0.0.0/8, localhost"})
    assert environment["no_proxy"] == "intranet.example.com,10.0.0.0/8,localhost,127.0.0.1,::1"


def test_settling_twice_adds_nothing() -> None:
    once = settled({"NO_PROXY": "intranet.example.com", "BIND_HOST": "127.0.0.2"})
    assert settled(once) == once


@pytest.mark.parametrize(
    ("name", "value", "host"),
    [
        ("BIND_HOST", "127.0.0.2", "127.0.0.2"),
        ("SERVICE_HOST", "0.0.0.0", "0.0.0.0"),  # noqa: S104 - where the service listens
        ("MLFLOW_TRACKING_URI", "http://127.0.0.3:5050/mlflow", "127.0.0.3"),
        ("MLFLOW_TRACKING_URI", f"http://{socket.gethostname()}:5050", socket.gethostname().lower()),
    ],
)
def test_other_addresses_of_this_machine_are_exceptions_too(name: str, value: str, host: str) -> None:
    assert settled({name: value})["no_proxy"] == f"{LOOPBACK},{host}"


@pytest.mark.parametrize(
    "url", ["https://mlflow.example.com", "http://192.0.2.7:5050", "http://[2001:db8::7]:5050", "http://[broken", ""]
)
def test_other_machines_are_none(url: str) -> None:
    assert settled({"MLFLOW_TRACKING_URI": url})["no_proxy"] == LOOPBACK


def test_a_process_is_settled_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*TELEMETRY_OFF, "no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    settle_environment()
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert "127.0.0.1" in os.environ["no_proxy"]
