"""What the documents name must be there: files, pages and targets."""

import re
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).parents[3]
DOCUMENTS: Final = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md")), PROJECT / "05_iac" / "README.md"]
LINK: Final = re.compile(r"\]\((?!\w+:)([^)#\s]+)")
TARGET: Final = re.compile(r"`make ([a-z_]+)(?=[ `])")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_files_that_a_document_links_are_there(document: Path) -> None:
    linked = LINK.findall(document.read_text())
    assert [link for link in linked if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_targets_that_a_document_names_are_in_the_makefile(document: Path) -> None:
    targets = set(re.findall(r"^([a-z_]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(document.read_text())) - targets == set()
