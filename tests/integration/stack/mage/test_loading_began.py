"""When a run began to load its rows is found out once, whoever asks later."""

from datetime import UTC, datetime

import pytest
from dtc_stack.mage import loading_began

pytestmark = pytest.mark.integration


@pytest.mark.usefixtures("database_in_environment")
def test_the_first_call_of_a_run_tells_the_moment_for_all_later_ones() -> None:
    before = datetime.now(UTC)
    first = loading_began({"execution_partition": "run 1"})
    assert before <= first <= datetime.now(UTC)
    assert loading_began({"execution_partition": "run 1"}) == first
    assert loading_began({"execution_partition": "run 2"}) > first
