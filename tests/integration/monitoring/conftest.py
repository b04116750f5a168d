"""What the tests of the monitoring room share."""

from collections.abc import Iterator

import pytest
from dtc_data import Catalogue
from dtc_monitoring.bot import Desk
from fakes.bot import counter_of
from fakes.catalogues import under_a_name_of_its_own
from fakes.decisions import FakeDecisions
from fakes.telegram import FakeTelegram


@pytest.fixture
def own_catalogue(small_catalogue: Catalogue) -> Catalogue:
    """The small catalogue with a registered model of its own for each test."""
    return under_a_name_of_its_own(small_catalogue)


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    """A local server in Telegram's place."""
    with FakeTelegram() as running:
        yield running


@pytest.fixture
def decisions() -> FakeDecisions:
    """Version 2 in production, and version 3 that waits."""
    return FakeDecisions()


@pytest.fixture
def desk(decisions: FakeDecisions) -> Desk:
    """Who answers the bot's chat."""
    return Desk((counter_of(decisions),))
