"""Artifacts in a bucket: compose.gcs.yaml against a storage emulator in the same network."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from container.containers_under_test import ContainerStack, removed_afterwards, write_settings
from dtc_stack.containers.compose import FOLDER, SERVICES
from dtc_stack.settings import PROJECT_FOLDER

pytestmark = [pytest.mark.container, pytest.mark.timeout(900)]

EMULATOR = PROJECT_FOLDER / "tests" / "container" / "compose.emulator.yaml"
LIST = "import urllib.request as r; print(r.urlopen('http://gcs:9023/storage/v1/b/personas/o').read().decode())"


@pytest.fixture(scope="module")
def cloud_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerStack]:
    """A stack whose artifacts lie in the emulator's bucket, after the main job."""
    folder = tmp_path_factory.mktemp("cloud")
    key = _key_file(folder)
    settings = write_settings(
        folder,
        GOOGLE_CLOUD_PROJECT="persona-test",
        GCS_BUCKET_NAME="personas",
        GOOGLE_APPLICATION_CREDENTIALS=str(key),
        SERVICE_RELOAD_SECONDS="1",
    )
    files = (FOLDER / "compose.yaml", FOLDER / "compose.gcs.yaml", EMULATOR)
    with removed_afterwards(ContainerStack("dtc-persona-test-gcs", folder, settings, files)) as stack:
        stack.compose("up", "--detach", "--build", *SERVICES)
        stack.wait_until_healthy()
        stack.compose("run", "--rm", "--no-TTY", "job")
        yield stack


def _key_file(folder: Path) -> Path:
    """Write what stands where the service account's key would; the emulator asks for none."""
    key = folder / "key.json"
    key.write_text('{"type": "service_account"}')
    for path in (folder, *folder.parents[:2], key):
        path.chmod(0o755)
    return key


def test_a_retrained_model_lies_in_the_bucket(cloud_stack: ContainerStack) -> None:
    objects = json.loads(cloud_stack.compose("exec", "-T", "gcs", "python", "-c", LIST))["items"]
    names = [item["name"] for item in objects]
    assert all(name.startswith("mlflow/") for name in names)
    assert len({name.split("/artifacts/")[0] for name in names if name.endswith("MLmodel")}) >= 2, names
    assert any(name.endswith("drift_report.html") for name in names)


def test_a_service_that_starts_anew_loads_it_from_there(cloud_stack: ContainerStack) -> None:
    cloud_stack.compose("restart", "service")
    cloud_stack.wait_until_healthy()
    assert httpx.get(f"{cloud_stack.service_url}/readyz", timeout=10).json()["model_version"] == "2"


def test_no_program_but_mlflow_has_the_key(cloud_stack: ContainerStack) -> None:
    look = "test -e /run/secrets/gcp_credentials && echo has || echo none"
    seen = {
        name: cloud_stack.compose("exec", "-T", name, "bash", "-c", look).strip()
        for name in ("mlflow", "mage", "service")
    }
    assert seen == {"mlflow": "has", "mage": "none", "service": "none"}
    artifacts = cloud_stack.compose("exec", "-T", "mlflow", "bash", "-c", "ls -A /var/lib/mlflow").strip()
    assert artifacts == "", "nothing in the volume"
