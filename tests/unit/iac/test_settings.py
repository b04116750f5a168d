import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dtc_stack.settings import CloudSettings, environment_names

Block = Mapping[str, Any]


def test_the_provider_is_pinned_to_one_version(google_provider: Block) -> None:
    assert google_provider["source"] == "hashicorp/google"
    assert re.fullmatch(r"\d+\.\d+\.\d+", google_provider["version"])


def test_the_settings_need_no_provider(settings_folder: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in settings_folder.glob("*.tf"))
    assert re.findall(r"^\s*(provider|resource|data|module|required_providers)\b", text, flags=re.MULTILINE) == []


def test_every_variable_is_typed_and_described(
    variables: dict[str, Block], settings_variables: dict[str, Block]
) -> None:
    for name, variable in [*variables.items(), *settings_variables.items()]:
        assert variable.get("type"), name
        assert str(variable.get("description", "")).endswith("."), name


def test_every_output_is_described(outputs: dict[str, Block], settings_outputs: dict[str, Block]) -> None:
    for name, output in [*outputs.items(), *settings_outputs.items()]:
        assert str(output.get("description", "")).endswith("."), name


def test_every_variable_reaches_the_module_that_checks_it(
    modules: dict[str, Block], variables: dict[str, Block], settings_variables: dict[str, Block]
) -> None:
    passed = {name: value for name, value in modules["settings"].items() if name != "source"}
    assert passed == {name: f"${{var.{name}}}" for name in variables}
    assert set(variables) == set(settings_variables)


def test_every_variable_is_checked(settings_variables: dict[str, Block]) -> None:
    assert [name for name, variable in settings_variables.items() if not variable.get("validation")] == []


def test_defaults_are_decided_in_the_module_alone(
    variables: dict[str, Block], settings_variables: dict[str, Block]
) -> None:
    required = {name for name, variable in variables.items() if "default" not in variable}
    assert required == {"project_id", "region"}
    assert required == {name for name, variable in settings_variables.items() if "default" not in variable}
    assert {variable["default"] for name, variable in variables.items() if name not in required} == {None}


def test_null_from_outside_means_the_default(settings_variables: dict[str, Block]) -> None:
    for name, variable in settings_variables.items():
        assert variable.get("default") is None or variable.get("nullable") is False, name


def test_the_outputs_are_what_the_env_file_needs(outputs: dict[str, Block], local_values: dict[str, Any]) -> None:
    # The key file's path is a matter of the machine that holds the key.
    wanted = set(environment_names(CloudSettings)) - {"GOOGLE_APPLICATION_CREDENTIALS"}
    assert outputs["env"]["value"] == "${local.env}"
    assert set(local_values["env"]) == wanted


def test_the_lock_file_of_the_provider_is_not_ignored(iac_folder: Path) -> None:
    ignored = [line for line in (iac_folder / ".gitignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    assert not any("lock" in line for line in ignored)
    assert {".terraform/", "*.tfstate", "terraform.tfvars", "*_override.tf"} <= set(ignored)
