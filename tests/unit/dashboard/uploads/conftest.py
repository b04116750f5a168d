"""Files that people send are read in a process of their own, with limits on time and memory; only here a unit test may start it."""

import pytest


@pytest.fixture(autouse=True)
def _no_process() -> None:
    """Stand in the place of the rule for all other unit tests."""
