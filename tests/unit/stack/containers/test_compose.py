"""Waiting for containers, with a program of ours in the place of docker."""

from pathlib import Path

import pytest
from dtc_data.core import CATALOGUE_FOLDER, SettingsError
from dtc_stack.containers.compose import ComposeStack
from dtc_stack.errors import StackError
from dtc_stack.progress import Progress
from dtc_stack.settings import PROJECT_FOLDER
from rich.console import Console

QUIET = Progress(Console(quiet=True))


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


def test_the_folder_of_a_retailer_s_tables_is_made_by_who_starts_the_stack(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLOUDBEAVER_ADMIN_PASSWORD", "only for the test")
    monkeypatch.setenv("STATE_FOLDER", "state")
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no docker
    monkeypatch.chdir(tmp_path)
    stack = ComposeStack.from_settings(QUIET)
    with pytest.raises(StackError, match="docker is not installed"):
        stack.start()
    assert stack.environment["STATE_FOLDER"] == str(tmp_path / "state"), "as the bind mount needs it"
    assert (tmp_path / "state" / "docker" / "stores").is_dir()
