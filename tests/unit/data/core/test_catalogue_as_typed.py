"""What stands before a command that shall act on the same catalogue."""

from pathlib import Path

import pytest
from dtc_data.core import catalogue_as_typed
from dtc_data.core.command_line import load_environment

OWN = "examples/other shop.yaml"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PERSONA_CATALOGUE=00_create_data/personas.yaml\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PERSONA_CATALOGUE", raising=False)


def test_the_catalogue_of_the_settings_need_not_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_CATALOGUE", "")
    monkeypatch.delenv("PERSONA_CATALOGUE")
    load_environment()
    assert catalogue_as_typed() == ""
    monkeypatch.setenv("PERSONA_CATALOGUE", str(tmp_path / "00_create_data" / "personas.yaml"))
    assert catalogue_as_typed() == ""


def test_another_one_is_typed_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_CATALOGUE", OWN)
    load_environment()
    assert catalogue_as_typed() == f"PERSONA_CATALOGUE='{OWN}' "


def test_where_only_the_environment_names_one_it_is_in_force_for_the_next_command_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").unlink()
    monkeypatch.setenv("PERSONA_CATALOGUE", OWN)
    assert catalogue_as_typed() == ""


def test_a_program_that_read_no_settings_types_none() -> None:
    assert catalogue_as_typed() == ""
