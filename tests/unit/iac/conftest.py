"""The Terraform files, parsed. No Terraform, no provider and no network is needed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hcl2
import pytest
from dtc_stack.settings import PROJECT_FOLDER

IAC_FOLDER = PROJECT_FOLDER / "05_iac"

Block = Mapping[str, Any]
"""One block of a Terraform file: arguments as values, nested blocks as lists."""


def _blocks(folder: Path, kind: str) -> list[Block]:
    """Collect the blocks of one kind from all files of a folder, as Terraform reads them."""
    options = hcl2.SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)
    found: list[Block] = []
    for path in sorted(folder.glob("*.tf")):
        with path.open(encoding="utf-8") as file:
            found += hcl2.load(file, serialization_options=options).get(kind, [])
    return found


def _by_name(folder: Path, kind: str) -> dict[str, Block]:
    return {name: body for block in _blocks(folder, kind) for name, body in block.items()}


@pytest.fixture(scope="session")
def iac_folder() -> Path:
    """Return the folder of the main configuration."""
    return IAC_FOLDER


@pytest.fixture(scope="session")
def settings_folder() -> Path:
    """Return the folder of the module that decides names and settings."""
    return IAC_FOLDER / "modules" / "settings"


@pytest.fixture(scope="session")
def resources() -> dict[str, Block]:
    """Return the resources of the main configuration by address, such as `google_storage_bucket.artifacts`."""
    return {
        f"{kind}.{name}": body
        for block in _blocks(IAC_FOLDER, "resource")
        for kind, named in block.items()
        for name, body in named.items()
    }


@pytest.fixture(scope="session")
def bucket(resources: dict[str, Block]) -> Block:
    """Return the bucket."""
    return resources["google_storage_bucket.artifacts"]


@pytest.fixture(scope="session")
def modules() -> dict[str, Block]:
    """Return the modules that the main configuration calls, by name."""
    return _by_name(IAC_FOLDER, "module")


@pytest.fixture(scope="session")
def variables() -> dict[str, Block]:
    """Return the variables of the main configuration by name."""
    return _by_name(IAC_FOLDER, "variable")


@pytest.fixture(scope="session")
def settings_variables(settings_folder: Path) -> dict[str, Block]:
    """Return the variables of the settings module by name."""
    return _by_name(settings_folder, "variable")


@pytest.fixture(scope="session")
def outputs() -> dict[str, Block]:
    """Return the outputs of the main configuration by name."""
    return _by_name(IAC_FOLDER, "output")


@pytest.fixture(scope="session")
def settings_outputs(settings_folder: Path) -> dict[str, Block]:
    """Return the outputs of the settings module by name."""
    return _by_name(settings_folder, "output")


@pytest.fixture(scope="session")
def local_values() -> dict[str, Any]:
    """Return the local values of the main configuration by name."""
    return {name: value for block in _blocks(IAC_FOLDER, "locals") for name, value in block.items()}


@pytest.fixture(scope="session")
def google_provider() -> Block:
    """Return what the main configuration requires of the Google provider."""
    (terraform,) = _blocks(IAC_FOLDER, "terraform")
    (required,) = terraform["required_providers"]
    provider: Block = required["google"]
    return provider
