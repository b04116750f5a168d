"""Every folder of tests is run by somebody."""

from pathlib import Path

from dtc_stack.settings import PROJECT_FOLDER

TESTS = PROJECT_FOLDER / "tests"


def folders_with_tests() -> set[str]:
    return {path.relative_to(TESTS).parts[0] for path in TESTS.rglob("test_*.py")}


def test_each_folder_of_tests_is_run_by_a_make_target() -> None:
    programs = [
        PROJECT_FOLDER / "Makefile",
        *(path for path in Path(PROJECT_FOLDER, ".ci").iterdir() if path.is_file()),
    ]
    text = "\n".join(path.read_text() for path in programs)
    assert {folder for folder in folders_with_tests() if f"tests/{folder}" not in text} == set()
