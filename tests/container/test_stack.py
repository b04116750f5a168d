"""The stack in containers after the main job. The tests share it and run in this order."""

import os
import subprocess

import httpx
import psycopg2
import pytest
from container.containers_under_test import ContainerStack, docker
from dtc_data import Catalogue, Wave, load_catalogue
from dtc_data.stores import write_planted_retailer
from dtc_data.synthetic import write_planted_transactions
from dtc_stack.containers.compose import FOLDER, SERVICES
from dtc_stack.settings import PROJECT_FOLDER
from fakes.retail import SMALL_PLAN

pytestmark = [pytest.mark.container, pytest.mark.timeout(1500)]

IMAGES = ("dtc-persona-mage", "dtc-persona-mlflow", "dtc-persona-service", "dtc-persona-dashboard")
BASE_IMAGE = "python:3.11-slim-bookworm"
OURS = ("mlflow", "mage", "service", "dashboard")
SERVICE_LAYERS_BYTES = 250_000_000


def test_only_march_drifts_and_its_model_goes_into_production(stack: ContainerStack) -> None:
    outcome = stack.outcome()
    assert {wave: entry["verdict"] for wave, entry in outcome["waves"].items()} == {
        "2025-02": "stable",
        "2025-03": "drift",
        "2025-04": "stable",
    }
    assert (outcome["waves"]["2025-03"]["k"], outcome["waves"]["2025-03"]["version"]) == (3, "2")
    assert outcome["production_version"] == "2"
    assert list(outcome["labels"]) == ["2025-02", "2025-03", "2025-04", "2025-05"]
    assert outcome["urls"]["MLflow"] == f"http://127.0.0.1:{stack.settings['MLFLOW_PORT']}"


def test_a_request_from_outside_is_answered_by_the_retrained_model(stack: ContainerStack, catalogue: Catalogue) -> None:
    answer = httpx.post(f"{stack.service_url}/predict", json=catalogue.centroids.tolist(), timeout=30).json()
    assert answer["personas"] == list(catalogue.segment_names)
    assert answer["model_version"] == "2"


def test_a_person_can_open_the_report_that_an_alert_names(stack: ContainerStack) -> None:
    settings = stack.settings
    with (
        psycopg2.connect(
            host="127.0.0.1",
            port=settings["POSTGRES_PORT"],
            user=settings["POSTGRES_USER"],
            password=settings["POSTGRES_PASSWORD"],
            dbname=settings["POSTGRES_DBNAME"],
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT report_url FROM drift_checks")
        urls = [url for (url,) in cursor.fetchall()]
    assert len(urls) == 3
    for url in urls:
        page, _, _ = url.partition("/#/")
        assert page == f"http://127.0.0.1:{settings['MLFLOW_PORT']}"
        assert httpx.get(page, timeout=10).status_code == 200


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_no_secret_no_compiler_and_does_not_run_as_root(stack: ContainerStack, image: str) -> None:
    described = docker("inspect", image) + docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)
    secrets = [name for name in stack.settings if name.endswith(("PASSWORD", "SECRET", "TOKEN"))]
    assert len(secrets) >= 7
    assert [name for name in secrets if stack.settings[name] and stack.settings[name] in described] == []
    look = "id -u; ls -a /app; command -v cc gcc g++ clang make || true"
    user, *found = docker("run", "--rm", "--entrypoint", "bash", image, "-c", look).split()
    assert user == "10001"
    assert ".env" not in found
    assert [name for name in found if name.startswith("/")] == [], "compilers"


@pytest.mark.parametrize("service", ["postgres", *OURS])
def test_a_program_has_no_capability_and_a_read_only_file_system(stack: ContainerStack, service: str) -> None:
    look = "grep -E '^(CapEff|NoNewPrivs)' /proc/1/status; touch /new 2>/dev/null && echo writable || echo read-only"
    assert stack.compose("exec", "-T", service, "bash", "-c", look).split() == [
        "CapEff:", "0000000000000000", "NoNewPrivs:", "1", "read-only"
    ]  # fmt: skip


def test_every_port_is_on_this_machine_only(stack: ContainerStack) -> None:
    published = [
        port["URL"] for row in stack.containers().values() for port in row["Publishers"] or () if port["PublishedPort"]
    ]
    assert published == ["127.0.0.1"] * len(SERVICES)


def test_the_service_image_is_small_and_cannot_train(stack: ContainerStack) -> None:
    sizes = {
        name: int(docker("inspect", "--format", "{{.Size}}", name)) for name in ("dtc-persona-service", BASE_IMAGE)
    }
    assert sizes["dtc-persona-service"] - sizes[BASE_IMAGE] < SERVICE_LAYERS_BYTES
    look = "import importlib.util as u; print(*[n for n in ('mage_ai', 'mlflow', 'sklearn', 'dtc_stack') if u.find_spec(n)])"
    assert stack.compose("exec", "-T", "service", "python", "-c", look).strip() == ""


def test_transactions_become_segments_and_checked_months_by_the_pipeline_in_the_containers(
    stack: ContainerStack,
) -> None:
    file = stack.folder / "shop.parquet"
    write_planted_transactions(file, 400, Wave(2023, 12), 9, seed=1)
    result = stack.command("docker", "run-customers", "--data", str(file))
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    found = stack.outcome("last_run_customers.json")
    assert (found["reference_wave"], list(found["waves"])) == ("2024-05", ["2024-06", "2024-07"])
    assert list(found["labels"]) == ["2024-05", "2024-06", "2024-07"]
    listed = stack.compose("exec", "-T", "mage", "ls", "/app/00_create_data/catalogues").split()
    assert "customer_value.yaml" in listed
    line = {"customer_id": "ann", "order_id": "1", "product_id": "mug", "quantity": 2, "amount": 9.5}
    lines = [line | {"ordered_at": "2024-08-03T10:00:00+01:00"}]
    answer = httpx.post(f"{stack.service_url}/predict/customer_value?from=transactions", json=lines, timeout=60)
    assert answer.status_code == 501, answer.text
    features = {"recency_days": 3.0, "frequency": 4.0, "monetary": 250.0}
    answer = httpx.post(f"{stack.service_url}/predict/customer_value", json=[features], timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["segments"][0] in found["labels"]["2024-05"]


def test_a_retailers_files_become_archetypes_and_a_checked_quarter_by_the_pipeline_in_the_containers(
    stack: ContainerStack,
) -> None:
    files = stack.folder / "retailer"
    write_planted_retailer(SMALL_PLAN, files, ("parquet",))
    result = stack.command("docker", "run-stores", "--data", str(files), "--reference", "2025Q3")
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    found = stack.outcome("last_run_stores.json")
    assert (found["reference_wave"], list(found["waves"])) == ("2025-09", ["2025-12"])
    assert sum(one["stores"] for one in found["archetypes"]) > 0.9 * SMALL_PLAN.n_stores
    assert {one["archetype"] for one in found["archetypes"]} <= found["labels"]["2025-12"].keys()
    # The run in Mage's container reads the retailer's tables; what it finds there is what was ingested from outside.
    listed = stack.compose("exec", "-T", "mage", "ls", "/var/lib/retailer/stores/tables").split()
    assert "sales.parquet" in listed
    catalogue = load_catalogue(stack.folder / "catalogues" / "stores.yaml")
    store = dict.fromkeys(catalogue.feature_names) | {"size_m2": 420.0, "placement": "neighbourhood"}
    answer = httpx.post(f"{stack.service_url}/predict/stores", json=[store], timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["labels"][0] in catalogue.segment_ids


def test_a_port_that_is_taken_is_named_before_anything_starts(stack: ContainerStack) -> None:
    other = ContainerStack("dtc-persona-test-other", stack.folder, stack.settings)
    result = other.command("docker", "start")
    assert result.returncode == 12
    for setting in ("POSTGRES_PORT", "MLFLOW_PORT", "MAGE_PORT", "SERVICE_PORT", "CLOUDBEAVER_PORT"):
        assert f"port {stack.settings[setting]} ({setting}) is taken" in result.stderr
    assert other.containers() == {}


@pytest.mark.parametrize("setting", ["POSTGRES_ADMIN_PASSWORD", "MAGE_JWT_SECRET", "CLOUDBEAVER_ADMIN_PASSWORD"])
def test_a_missing_secret_is_named(stack: ContainerStack, setting: str) -> None:
    command = ["docker", "compose", "--file", str(FOLDER / "compose.yaml"), "config", "--quiet"]
    environment = {name: os.environ[name] for name in ("PATH", "DOCKER_CONFIG", "HOME") if name in os.environ}
    environment |= {name: value for name, value in stack.settings.items() if name != setting}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=PROJECT_FOLDER, check=False)
    assert result.returncode != 0
    assert f"required variable {setting} is missing" in result.stderr


@pytest.mark.parametrize("service", ["service", "mlflow", "mage", "postgres"])
def test_a_program_that_is_killed_or_restarted_comes_back_and_the_next_run_works(
    stack: ContainerStack, service: str
) -> None:
    before = stack.started_at(service)
    stack.kill(service)
    stack.wait_until_restarted(service, before)
    stack.wait_until_healthy()
    stack.compose("restart", "--timeout", "30", service)
    stack.wait_until_healthy()
    result = stack.command("pipeline", "--reference", "2025-01", "--current", "2025-02")
    assert result.returncode == 0, result.stderr
    assert httpx.get(f"{stack.service_url}/readyz", timeout=10).json()["model_version"] == "2"


def test_the_data_outlives_the_containers(stack: ContainerStack) -> None:
    assert stack.command("docker", "stop").returncode == 0
    assert stack.containers() == {}
    assert stack.command("docker", "start").returncode == 0
    assert httpx.get(f"{stack.service_url}/readyz", timeout=10).json()["model_version"] == "2"


def test_clean_leaves_nothing(stack: ContainerStack) -> None:
    assert stack.command("docker", "clean", "--yes").returncode == 0
    label = f"label=com.docker.compose.project={stack.name}"
    assert docker("ps", "--all", "--quiet", "--filter", label) == ""
    assert docker("volume", "ls", "--quiet", "--filter", label) == ""
