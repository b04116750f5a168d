"""What the compose files promise, read without an engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dtc_dashboard.settings import DashboardSettings
from dtc_data.core import PostgresSettings, SegmentationSettings
from dtc_model.settings import GateSettings, PromotionSettings, TrainingSettings
from dtc_monitoring.settings import DriftSettings, TelegramSettings
from dtc_service.settings import ServiceSettings
from dtc_stack.containers.compose import CONTAINERS_FOLDER, FOLDER, SERVICES
from dtc_stack.mage import store_tables
from dtc_stack.programs.env_file import generated_secrets, known_names
from dtc_stack.settings import environment_names

TEXT = (FOLDER / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
PROGRAMS: dict[str, Any] = COMPOSE["services"]


def environment(service: str) -> dict[str, str]:
    return dict(PROGRAMS[service]["environment"])


def test_every_variable_is_a_setting_of_env_or_the_machine_s_own() -> None:
    assert set(re.findall(r"\$\{([A-Z_]+)", TEXT)) <= known_names() | {"NO_PROXY"}


@pytest.mark.parametrize("service", [name for name in PROGRAMS if name not in {"postgres", "cloudbeaver"}])
def test_a_program_reaches_the_others_without_a_proxy(service: str) -> None:
    direct = environment(service)["NO_PROXY"].split(",")
    assert {"localhost", "127.0.0.1", "::1", "mlflow", "mage", "service"} <= set(direct)
    assert environment(service)["no_proxy"].split(",") == direct


def test_no_secret_has_a_default() -> None:
    assert set(re.findall(r"\$\{([A-Z_]+):\?", TEXT)) >= generated_secrets()
    defaults = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)", TEXT))
    assert generated_secrets().isdisjoint(defaults)


@pytest.mark.parametrize(
    "settings", [TrainingSettings, GateSettings, PromotionSettings, DriftSettings, TelegramSettings]
)
def test_the_pipeline_gets_each_of_its_settings(settings: Any) -> None:
    assert environment_names(settings).keys() <= environment("mage").keys()


def test_the_bot_gets_what_it_needs_and_starts_only_when_asked_for() -> None:
    names = [
        environment_names(settings).keys() for settings in (TelegramSettings, PostgresSettings, SegmentationSettings)
    ]
    assert {"MLFLOW_TRACKING_URI"}.union(*names) <= environment("telegram_bot").keys()
    assert PROGRAMS["telegram_bot"]["profiles"] == ["telegram"]


def test_the_service_gets_each_of_its_settings() -> None:
    assert environment_names(ServiceSettings).keys() - {"SERVICE_PUBLIC_URL"} <= environment("service").keys()


def test_the_pages_get_each_of_their_settings_and_the_way_to_what_they_ask() -> None:
    names = [
        environment_names(settings).keys() for settings in (DashboardSettings, PostgresSettings, SegmentationSettings)
    ]
    asked = {"MLFLOW_TRACKING_URI", "SERVICE_HOST", "SERVICE_PORT", "SERVICE_API_KEY"}
    assert asked.union(*names) <= environment("dashboard").keys()


def test_only_who_needs_a_secret_gets_it() -> None:
    holders = {
        secret: {name for name, program in PROGRAMS.items() if f"${{{secret}:" in str(program.get("environment"))}
        for secret in generated_secrets()
    }
    assert holders == {
        "POSTGRES_PASSWORD": {"databases", "mage", "dashboard", "telegram_bot", "job"},
        "POSTGRES_ADMIN_PASSWORD": {"postgres", "databases"},
        "MLFLOW_DB_PASSWORD": {"databases", "mlflow"},
        "MAGE_DB_PASSWORD": {"databases", "mage"},
        "MAGE_OWNER_PASSWORD": {"mage", "job"},
        "MAGE_JWT_SECRET": {"mage"},
        "CLOUDBEAVER_ADMIN_PASSWORD": {"cloudbeaver"},
    }


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_container_is_fenced_in(name: str) -> None:
    program = PROGRAMS[name]
    assert program["cap_drop"] == ["ALL"]
    assert program["security_opt"] == ["no-new-privileges:true"]
    assert program["mem_limit"]
    assert program["logging"]["options"].keys() == {"max-size", "max-file"}
    assert program.get("read_only") or name == "cloudbeaver"
    assert program["restart"] == ("unless-stopped" if name in {*SERVICES, "telegram_bot"} else "no")


@pytest.mark.parametrize("name", SERVICES)
def test_a_program_that_stays_up_has_a_check_of_health_and_listens_here_only(name: str) -> None:
    assert PROGRAMS[name]["healthcheck"]["test"]
    assert all(port.startswith("${BIND_HOST:-127.0.0.1}:") for port in PROGRAMS[name]["ports"])


def test_a_run_in_the_container_finds_the_tables_that_the_job_outside_leaves() -> None:
    (mount,) = [one for one in PROGRAMS["mage"]["volumes"] if "retailer" in str(one)]
    inside = Path(environment("mage")["STATE_FOLDER"])
    assert store_tables(inside).parent == Path(mount["target"])
    assert mount["read_only"]
    outside = mount["source"].replace("${STATE_FOLDER:-../../.local}", "/a/state")
    assert store_tables(Path("/a/state") / CONTAINERS_FOLDER).parent == Path(outside)
