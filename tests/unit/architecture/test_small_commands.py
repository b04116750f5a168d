"""Commands that only look something up import only what they use: a person waits for them."""

import subprocess
import sys

import pytest
from dtc_stack.settings import PROJECT_FOLDER

STAGE = PROJECT_FOLDER / "00_create_data"
LOOK = """
import runpy, sys
sys.argv = sys.argv[2:]
try:
    {run}
except SystemExit:
    pass
print(*sorted(set(sys.modules) & {{"pandas", "sqlalchemy", "mlflow", "scipy", "sklearn", "evidently", "matplotlib", "telegram"}}))
"""
FILE, MODULE = "runpy.run_path(sys.argv[0], run_name='__main__')", "runpy.run_module(sys.argv[0], run_name='__main__')"


def imported(run: str, *arguments: str) -> set[str]:
    program = LOOK.format(run=run)
    command = [sys.executable, "-c", program, "-", *arguments]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1].split())


@pytest.mark.parametrize("script", ["ingest.py", "create_data.py", "create_months.py"])
def test_the_help_of_a_script_needs_no_data_frames(script: str) -> None:
    assert imported(FILE, str(STAGE / script), "--help") == set()


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("dtc_model", "versions"),
        ("dtc_model", "promote"),
        ("dtc_service", "label"),
        ("dtc_monitoring", "history"),
        ("dtc_monitoring", "bot"),
        ("dtc_stack", "status"),
        ("dtc_stack", "stop"),
    ],
)
def test_nor_does_that_of_a_command(module: str, command: str) -> None:
    assert imported(MODULE, module, command, "--help") == set()


def test_listing_versions_needs_no_training() -> None:
    program = "import dtc_model.decisions.version_list, dtc_model.registry.registry, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"sklearn", "matplotlib"}
