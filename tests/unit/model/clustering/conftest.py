"""What the tests of the methods share."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # carries no types


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Search on one thread, as `discover` does: on small tables more of them only wait for one another."""
    with threadpool_limits(1):
        yield
