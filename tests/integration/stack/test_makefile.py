"""What people type after `make` arrives as they typed it."""

import subprocess
from pathlib import Path

import pytest
from dtc_stack.settings import PROJECT_FOLDER

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("in_environment", [True, False])
def test_a_reason_arrives_as_it_was_typed(tmp_path: Path, *, in_environment: bool) -> None:
    harm = tmp_path / "harm"
    why = f'it costs $500, $(shell touch {harm}) `date` ${{HOME}} # "really", isn\'t it'
    command = ["make", "--eval", 'shown: ; @printf %s "$$WHY"', "shown"]
    typed = [] if in_environment else [f"WHY={why}"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"} | ({"WHY": why} if in_environment else {})
    shown = subprocess.run(
        [*command, *typed], cwd=PROJECT_FOLDER, env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout == why
    assert not harm.exists()
