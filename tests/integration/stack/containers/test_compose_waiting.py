"""Waiting for containers, with a program of ours in the place of docker."""

import json
import os
from pathlib import Path

import pytest
from dtc_stack.containers.compose import SERVICES, ComposeStack
from dtc_stack.errors import StackError
from dtc_stack.progress import Progress
from rich.console import Console

pytestmark = pytest.mark.integration

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
