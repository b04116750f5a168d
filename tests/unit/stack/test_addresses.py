"""Addresses for people, which may differ from those that programs use."""

import pytest
from dtc_data.core import read_settings
from dtc_stack.addresses import login, pages
from dtc_stack.mage import MageClient, RunVariables
from dtc_stack.settings import MageSettings


@pytest.fixture(autouse=True)
def _inside_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BIND_HOST": "mage",
        "MAGE_PORT": "6789",
        "MAGE_OWNER_PASSWORD": "only-for-tests",
        "MLFLOW_TRACKING_URI": "http://mlflow:5000",
        "SERVICE_HOST": "service",
        "SERVICE_PORT": "9999",
        "DASHBOARD_HOST": "dashboard",
    }.items():
        monkeypatch.setenv(name, value)


def test_without_other_addresses_people_use_those_of_programs() -> None:
    assert pages(read_settings(MageSettings)) == {
        "pages": "http://dashboard:8501",
        "Mage": "http://mage:6789",
        "MLflow": "http://mlflow:5000",
        "predictions": "http://service:9999/docs",
    }


def test_people_get_the_addresses_that_they_can_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGE_PUBLIC_URL", "https://mage.example.com/")
    monkeypatch.setenv("MLFLOW_PUBLIC_URL", "https://mlflow.example.com/")
    monkeypatch.setenv("DASHBOARD_PUBLIC_URL", "https://pages.example.com/")
    monkeypatch.setenv("SERVICE_PUBLIC_URL", "https://personas.example.com/")
    assert pages(read_settings(MageSettings)) == {
        "pages": "https://pages.example.com",
        "Mage": "https://mage.example.com",
        "MLflow": "https://mlflow.example.com",
        "predictions": "https://personas.example.com/docs",
    }
    with MageClient.from_settings(read_settings(MageSettings)) as mage:
        assert mage.page(7) == "https://mage.example.com/pipelines/dtc_persona_analysis_pipeline/runs/7"


def test_a_run_reports_under_the_address_that_people_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER": "dtc", "PASSWORD": "x", "DBNAME": "dtc", "HOST": "postgres", "PORT": "5432"}.items():
        monkeypatch.setenv(f"POSTGRES_{name}", value)
    monkeypatch.setenv("MLFLOW_PUBLIC_URL", "https://mlflow.example.com/")
    run = RunVariables.read({"reference_wave": "2025-01", "current_wave": "2025-03"})
    for arguments in (run.check_arguments(), run.alert_arguments()):
        assert (arguments["tracking_uri"], arguments["public_url"]) == (
            "http://mlflow:5000",
            "https://mlflow.example.com",
        )


def test_the_line_about_the_login_holds_no_password() -> None:
    assert "only-for-tests" not in login(read_settings(MageSettings))
