"""What people type after `make` arrives as they typed it."""

import subprocess
from pathlib import Path

import pytest
from dtc_stack.settings import PROJECT_FOLDER

pytestmark = pytest.mark.integration

TYPED = (
    "SEGMENTATION",
    "REFERENCE",
    "CURRENT",
    "WAVE",
    "FILE",
    "VERSION",
    "BY",
    "WHY",
    "FROM",
    "TO",
    "LAYOUT",
    "CUTS",
    "K",
)
"""What people type after a target."""
BARE = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"}


def make(*arguments: str, folder: Path = PROJECT_FOLDER, environment: dict[str, str] | None = None) -> str:
    command = ["make", "--no-print-directory", *arguments]
    own = BARE | (environment or {})
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", TYPED)
@pytest.mark.parametrize("in_environment", [True, False])
def test_what_is_typed_arrives_as_it_was_typed(tmp_path: Path, name: str, *, in_environment: bool) -> None:
    harm = tmp_path / "harm"
    text = f'it costs $500, $(shell touch {harm}) `date` ${{HOME}} # "really", isn\'t it'
    shown = f'shown: ; @printf %s "$${name}"'
    typed = [] if in_environment else [f"{name}={text}"]
    assert make("--eval", shown, "shown", *typed, environment={name: text} if in_environment else {}) == text
    assert not harm.exists()


def test_the_recipes_pass_on_what_was_typed_and_nothing_that_was_not() -> None:
    recipes = (PROJECT_FOLDER / "Makefile").read_text()
    for name in TYPED:
        assert f"$({name})" not in recipes, "make would expand it"
    adopt = ["--dry-run", "--assume-old=setup", "adopt_catalogue"]
    assert "--reference" not in make(*adopt)
    assert '--reference "$REFERENCE"' in make(*adopt, "REFERENCE=2025-02")
    assert '--reference "$REFERENCE"' in make("--dry-run", "--assume-old=setup", "pipeline")


@pytest.mark.parametrize("typed", [(), ("SEGMENTATION=w.yaml",), ("--keep-going",)])
def test_a_relative_path_counts_from_where_make_was_typed(tmp_path: Path, typed: tuple[str, ...]) -> None:
    shown = tmp_path / "shown.mk"
    shown.write_text(f'include {PROJECT_FOLDER}/Makefile\nshown: ; @printf "<%s>" "$${{DTC_STANDS_IN:-}}"\n')
    environment = BARE | {"PWD": str(tmp_path)}
    away = [["make", "-C", str(PROJECT_FOLDER)], ["make", "-s", "-C", str(PROJECT_FOLDER)]]
    from_elsewhere = [(command, tmp_path, f"<{tmp_path}>") for command in away]
    for command, folder, expected in (*from_elsewhere, (["make"], PROJECT_FOLDER, "<>")):
        arguments = [*command, "-f", str(shown), "shown", *typed]
        done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        assert expected in done.stdout


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("FILE=my wave.csv", "{folder}/my wave.csv"),
        ("FILE=/data/wave.csv", "/data/wave.csv"),
        ("FROM=2011-06", "2011-06"),
        ("FROM=centroids.csv", "{folder}/centroids.csv"),
    ],
)
def test_a_file_is_looked_for_where_make_was_typed(tmp_path: Path, typed: str, expected: str) -> None:
    (tmp_path / "centroids.csv").touch()
    name = typed.partition("=")[0]
    shown = tmp_path / "shown.mk"
    shown.write_text(f'include {PROJECT_FOLDER}/Makefile\nshown: ; @printf "<%s>" "$${name}"\n')
    command = ["make", "-s", "-C", str(PROJECT_FOLDER), "-f", str(shown), "shown", typed]
    environment = BARE | {"PWD": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"<{expected.format(folder=tmp_path)}>"
