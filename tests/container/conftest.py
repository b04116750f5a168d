"""The stack that the tests of this folder share; `.ci/containers` finds the engine."""

import shutil
from collections.abc import Iterator

import pytest
from container.containers_under_test import ContainerStack, removed_afterwards, write_settings
from dtc_data.core import CATALOGUE_FOLDER


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerStack]:
    """A stack after `make docker_run` on empty volumes."""
    folder = tmp_path_factory.mktemp("containers")
    catalogues = folder / "catalogues"
    shutil.copytree(CATALOGUE_FOLDER, catalogues)
    for path in (folder, *folder.parents[:2], catalogues):
        path.chmod(0o755)  # the containers' user reads the catalogues
    settings = write_settings(folder, SERVICE_RELOAD_SECONDS="1", CATALOGUE_FOLDER=str(catalogues))
    with removed_afterwards(ContainerStack("dtc-persona-test", folder, settings)) as stack:
        result = stack.command("docker", "run")
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
        yield stack
