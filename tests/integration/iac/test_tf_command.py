"""`05_iac/tf`, with a terraform on the path that only writes down how it was called."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from dtc_stack.settings import PROJECT_FOLDER

pytestmark = pytest.mark.integration

FAKE_TERRAFORM = """#!/usr/bin/env bash
{ echo "terraform $*"; env | grep -E '^(TF_VAR|GOOGLE|GCS)' | sort; } >>"$CALLS"
[[ $1 != output ]] || printf GCS_BUCKET_NAME=made
[[ $1 != "${FAIL_AT-}" ]]
"""
TOOLS = ("bash", "dirname", "env", "grep", "sed", "sort", "tail")


@dataclass(frozen=True)
class Command:
    """The command in a project folder of its own, where terraform is on the path only when `install` was called."""

    project: Path

    def install(self) -> None:
        terraform = self.project / "bin" / "terraform"
        terraform.write_text(FAKE_TERRAFORM)
        terraform.chmod(0o755)

    def write_env(self, *lines: str) -> None:
        (self.project / ".env").write_text("\n".join(lines) + "\n")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        fixed = {"PATH": str(self.project / "bin"), "CALLS": str(self.project / "calls")}
        command = [str(self.project / "05_iac" / "tf"), *arguments]
        return subprocess.run(command, env=fixed | environment, cwd="/", capture_output=True, text=True, check=False)

    def calls(self) -> list[str]:
        calls = self.project / "calls"
        return calls.read_bytes().decode().split("\n") if calls.exists() else []  # a carriage return stays visible


@pytest.fixture
def command(tmp_path: Path) -> Command:
    (tmp_path / "05_iac").mkdir()
    shutil.copy(PROJECT_FOLDER / "05_iac" / "tf", tmp_path / "05_iac" / "tf")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (tmp_path / "bin" / tool).symlink_to(found)
    return Command(tmp_path)


@pytest.fixture
def ready(command: Command) -> Command:
    command.install()
    command.write_env("GOOGLE_CLOUD_PROJECT=persona-project", "GCP_REGION=europe-west3", "GCS_BUCKET_NAME=")
    return command


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ([], "GOOGLE_CLOUD_PROJECT"),
        (["GOOGLE_CLOUD_PROJECT=", "GCP_REGION=europe-west3"], "GOOGLE_CLOUD_PROJECT"),
        (["#GOOGLE_CLOUD_PROJECT=persona-project", "GCP_REGION=europe-west3"], "GOOGLE_CLOUD_PROJECT"),
        (["GOOGLE_CLOUD_PROJECT=persona-project"], "GCP_REGION"),
    ],
)
def test_a_missing_setting_is_named_in_one_line_with_the_way_out(
    command: Command, lines: list[str], missing: str
) -> None:
    command.install()
    command.write_env(*lines)
    result = command.run("plan")
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{missing} is not set: ")
    assert ".env" in line
    assert command.calls() == []


def test_no_env_file_is_no_other_error(command: Command) -> None:
    command.install()
    assert command.run("plan").stderr.startswith("GOOGLE_CLOUD_PROJECT is not set: ")


def test_a_missing_terraform_is_named_in_one_line(command: Command) -> None:
    command.write_env("GOOGLE_CLOUD_PROJECT=persona-project", "GCP_REGION=europe-west3")
    result = command.run("plan")
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("terraform is missing: ")


@pytest.mark.parametrize("arguments", [(), ("apply",), ("",)])
def test_only_three_words_are_known(ready: Command, arguments: tuple[str, ...]) -> None:
    result = ready.run(*arguments)
    assert result.returncode == 2
    assert "plan|create|destroy" in result.stderr
    assert ready.calls() == []


@pytest.mark.parametrize(("word", "verb"), [("plan", "plan"), ("create", "apply"), ("destroy", "destroy")])
def test_each_word_calls_terraform_which_asks_itself(ready: Command, word: str, verb: str) -> None:
    assert ready.run(word).returncode == 0
    called = [line for line in ready.calls() if line.startswith("terraform ")]
    assert called[:2] == ["terraform init -input=false", f"terraform {verb}"]


def test_the_settings_of_the_env_file_become_variables(ready: Command) -> None:
    ready.run("plan")
    assert "TF_VAR_project_id=persona-project" in ready.calls()
    assert "TF_VAR_region=europe-west3" in ready.calls()


def test_an_empty_bucket_name_is_left_to_the_settings_module(ready: Command) -> None:
    ready.run("plan")
    assert not any(line.startswith("TF_VAR_bucket_name") for line in ready.calls())


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("GCS_BUCKET_NAME=personas", "personas"),
        ("GCS_BUCKET_NAME = 'personas'", "personas"),
        ('export GCS_BUCKET_NAME="personas"', "personas"),
        ("GCS_BUCKET_NAME=personas   # ours", "personas"),
        ("GCS_BUCKET_NAME=personas\r", "personas"),
        ("GCS_BUCKET_NAME=personas  ", "personas"),
        ("GCS_BUCKET_NAME=old\nGCS_BUCKET_NAME=personas", "personas"),
        ("GCS_BUCKET_NAME=two words", "two words"),
    ],
)
def test_env_lines_are_read_as_the_rest_of_the_product_reads_them(ready: Command, line: str, value: str) -> None:
    ready.write_env("GOOGLE_CLOUD_PROJECT=persona-project", "GCP_REGION=europe-west3", line)
    ready.run("plan")
    assert f"TF_VAR_bucket_name={value}" in ready.calls()


def test_the_environment_wins_over_the_env_file(ready: Command) -> None:
    ready.run("plan", GOOGLE_CLOUD_PROJECT="another-project")
    assert "TF_VAR_project_id=another-project" in ready.calls()


def test_the_service_accounts_key_is_not_what_terraform_logs_in_with(ready: Command) -> None:
    ready.write_env(
        "GOOGLE_CLOUD_PROJECT=persona-project", "GCP_REGION=europe-west3", "GOOGLE_APPLICATION_CREDENTIALS=/key.json"
    )
    ready.run("create")
    assert not any(line.startswith("GOOGLE_APPLICATION_CREDENTIALS") for line in ready.calls())


def test_creating_ends_with_the_lines_for_the_env_file(ready: Command) -> None:
    assert ready.run("create").stdout.splitlines()[-2:] == ["Put these lines into .env:", "GCS_BUCKET_NAME=made"]


@pytest.mark.parametrize(("word", "failing"), [("plan", "init"), ("create", "apply"), ("destroy", "destroy")])
def test_a_failure_of_terraform_ends_the_command(ready: Command, word: str, failing: str) -> None:
    assert ready.run(word, FAIL_AT=failing).returncode == 1
    called = [line for line in ready.calls() if line.startswith("terraform ")]
    assert called[-1].startswith(f"terraform {failing}")
