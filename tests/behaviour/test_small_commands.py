"""The help of a command imports only what it uses: a person waits for it."""

from pathlib import Path

import pytest
from dtc_stack.settings import PROJECT_FOLDER
from fakes.imports import imported_by

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stack's commands write their first `.env` elsewhere than into this project."""
    monkeypatch.setenv("DTC_ENV_FILE", str(tmp_path / ".env"))


STAGE = PROJECT_FOLDER / "00_create_data"


@pytest.mark.parametrize("script", ["ingest.py", "create_data.py", "create_months.py"])
def test_the_help_of_a_script_needs_no_data_frames(script: str) -> None:
    imported, said = imported_by(str(STAGE / script), "--help")
    assert "Usage:" in said
    assert imported == set()


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("dtc_model", "init"),
        ("dtc_model", "versions"),
        ("dtc_model", "promote"),
        ("dtc_service", "label"),
        ("dtc_monitoring", "history"),
        ("dtc_monitoring", "segmentations"),
        ("dtc_monitoring", "bot"),
        ("dtc_stack", "status"),
        ("dtc_stack", "stop"),
        ("dtc_stack", "pipeline"),
    ],
)
def test_nor_does_that_of_a_command(module: str, command: str) -> None:
    imported, said = imported_by(module, command, "--help")
    assert "Usage:" in said
    assert imported == set()
