"""Waiting for containers, with a program of ours in the place of docker."""

import json
import os
from pathlib import Path

import pytest
from dtc_data.core import CATALOGUE_FOLDER, SettingsError
from dtc_stack.containers.compose import SERVICES, ComposeStack
from dtc_stack.errors import StackError
from dtc_stack.progress import Progress
from dtc_stack.settings import PROJECT_FOLDER
from rich.console import Console

QUIET = Progress(Console(quiet=True))


def stack_in_state(folder: Path, **health: str) -> ComposeStack:
    """Return a stack whose docker tells that all programs are healthy, except those named here."""
    rows = [
        json.dumps({"Service": name, "State": "running", "Health": health.get(name, "healthy"), "ExitCode": 0})
        for name in SERVICES
    ]
    (folder / "state").write_text("\n".join(rows) + "\n")
    docker = folder / "docker"
    docker.write_text(f"""#!/bin/sh
echo "$*" >>{folder}/calls
case "$*" in
  *" ps "*) cat {folder}/state ;;
  *" logs "*) echo "the last line of $*" ;;
  *) echo "the engine does not answer" >&2; exit 1 ;;
esac
""")
    docker.chmod(0o755)
    return ComposeStack((folder / "compose.yaml",), {"PATH": f"{folder}{os.pathsep}{os.defpath}"}, QUIET)


@pytest.fixture(autouse=True)
def _docker_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")


def test_healthy_programs_are_asked_once_and_not_waited_for(tmp_path: Path) -> None:
    stack_in_state(tmp_path).wait()
    assert (tmp_path / "calls").read_text().count(" ps ") == len(SERVICES)


def test_an_unhealthy_program_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"^mage is unhealthy(.|\n)*the last line of .* mage"):
        stack_in_state(tmp_path, mage="unhealthy").wait()


def test_what_docker_says_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="down failed: the engine does not answer"):
        stack_in_state(tmp_path).stop()


def test_without_docker_the_other_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stack = ComposeStack((tmp_path / "compose.yaml",), {"PATH": str(tmp_path)}, QUIET)
    with pytest.raises(StackError, match="docker is not installed: use make run"):
        stack.stop()


@pytest.mark.parametrize(
    ("given", "inside"),
    [
        ("stores", "stores"),
        ("examples/own.yaml", "examples/own.yaml"),
        (str(PROJECT_FOLDER / "examples" / "own.yaml"), "examples/own.yaml"),
    ],
)
def test_the_segmentation_is_named_as_it_is_found_in_the_images(
    monkeypatch: pytest.MonkeyPatch, given: str, inside: str
) -> None:
    monkeypatch.setenv("SEGMENTATION", given)
    monkeypatch.setenv("CLOUDBEAVER_ADMIN_PASSWORD", "only for the test")
    monkeypatch.chdir(PROJECT_FOLDER)
    environment = ComposeStack.from_settings(QUIET).environment
    assert environment["SEGMENTATION"] == inside
    assert environment["CATALOGUE_FOLDER"] == str(CATALOGUE_FOLDER), "as the bind mount needs it"


def test_a_catalogue_outside_the_project_is_not_in_the_images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEGMENTATION", str(tmp_path / "own.yaml"))
    monkeypatch.setenv("CLOUDBEAVER_ADMIN_PASSWORD", "only for the test")
    with pytest.raises(SettingsError, match=r"not in the images; put the catalogue into .*catalogues"):
        ComposeStack.from_settings(QUIET)
