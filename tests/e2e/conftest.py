"""The stack that the tests of this folder share."""

from collections.abc import Iterator

import pytest
from e2e.stack_under_test import RunningStack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack after `make run` on empty databases."""
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack
