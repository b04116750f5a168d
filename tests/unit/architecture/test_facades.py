"""Facades import what they name when somebody asks for it, so a name must exist and must not be hidden by a module."""

import ast
from importlib import import_module
from pathlib import Path

import pytest
from dtc_stack.settings import PROJECT_FOLDER

FACADES = sorted(PROJECT_FOLDER.glob("[0-9][0-9]_*/dtc_*/**/__init__.pyi"))
MOST_MODULES = 15


def package_of(facade: Path) -> str:
    return ".".join(facade.relative_to(PROJECT_FOLDER).parts[1:-1])


def names_of(facade: Path) -> list[str]:
    imports = [node for node in ast.parse(facade.read_text()).body if isinstance(node, ast.ImportFrom)]
    return [alias.asname or alias.name for node in imports for alias in node.names]


def test_there_are_facades() -> None:
    assert len(FACADES) > 20


@pytest.mark.parametrize("facade", FACADES, ids=package_of)
def test_every_name_of_a_facade_is_there(facade: Path) -> None:
    package = import_module(package_of(facade))
    assert sorted(package.__all__) == sorted(names_of(facade))
    missing = [name for name in package.__all__ if not hasattr(package, name)]
    assert missing == []


@pytest.mark.parametrize("facade", FACADES, ids=package_of)
def test_no_name_of_a_facade_is_hidden_by_a_module_of_the_shelf(facade: Path) -> None:
    modules = {path.stem for path in facade.parent.glob("*.py")} | {path.name for path in facade.parent.iterdir()}
    assert modules.isdisjoint(names_of(facade))


@pytest.mark.parametrize("facade", FACADES, ids=package_of)
def test_a_shelf_can_be_held_in_the_head(facade: Path) -> None:
    assert len([path for path in facade.parent.glob("*.py") if not path.stem.startswith("__")]) <= MOST_MODULES
