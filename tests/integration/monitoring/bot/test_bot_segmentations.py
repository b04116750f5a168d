"""One chat decides about several segmentations: a button belongs to one, a command names one or means the default."""

import pytest
from dtc_data.core import DatabaseUnavailableError, Wave
from dtc_model.errors import ModelUnavailableError, NoProductionVersionError
from dtc_monitoring.alerts import Action, Press
from dtc_monitoring.bot import Counter, Desk
from fakes.bot import APPROVE, bot_for, button, counter_of, listening
from fakes.decisions import FakeDecisions
from fakes.telegram import BY_ANN, FakeTelegram


@pytest.fixture
def stores() -> FakeDecisions:
    """Another segmentation's registry: version 2 in production, version 3 waits."""
    return FakeDecisions(name="store_model")


@pytest.fixture
def both(decisions: FakeDecisions, stores: FakeDecisions) -> Desk:
    """Who answers for two segmentations."""
    of_stores = Counter("stores", "Stores (stores)", stores, stores, "make {} SEGMENTATION=stores".format)
    return Desk((counter_of(decisions), of_stores))


def test_status_shows_all_of_them(server: FakeTelegram, stores: FakeDecisions, both: Desk) -> None:
    stores.reject("3", "Bob", "no", "telegram")
    with listening(bot_for(server, both)):
        server.chat.write("/status")
        (answer,) = server.wait_for_messages(1)
    ours, theirs = answer.text.split("\n\n")
    assert ours.startswith("DTC personas\nVersion 2 of persona_model is in production.\nVersion 3 waits for a decision")
    assert theirs == "Stores (stores)\nVersion 2 of store_model is in production.\nNothing waits for a decision."


def test_a_button_acts_on_the_segmentation_of_its_alert(
    server: FakeTelegram, decisions: FakeDecisions, stores: FakeDecisions, both: Desk
) -> None:
    with listening(bot_for(server, both)):
        server.chat.press(button(Action.APPROVE, model="store_model"))
        (answer,) = server.wait_for_messages(1)
    assert (decisions.by_people, stores.by_people) == ([], [("promoted", "3", BY_ANN, "telegram")])
    assert answer.text.endswith("Version 3 of store_model is in production.")


def test_a_button_of_the_time_before_there_were_several_still_works(
    server: FakeTelegram, decisions: FakeDecisions, both: Desk
) -> None:
    assert APPROVE == "approve|3|2|df425975"
    with listening(bot_for(server, both)):
        server.chat.press(APPROVE)
        server.wait_for_messages(1)
    assert decisions.by_people == [("promoted", "3", BY_ANN, "telegram")]


def test_a_command_means_the_default_one_unless_it_names_another(
    server: FakeTelegram, decisions: FakeDecisions, stores: FakeDecisions, both: Desk
) -> None:
    with listening(bot_for(server, both)):
        server.chat.write("/rollback")
        server.chat.write("/rollback stores")
        ours, theirs = server.wait_for_messages(2)
        server.chat.press(theirs.buttons["Roll back to version 1"])
        server.wait_for_messages(3)
    assert ours.text.startswith("DTC personas\nVersion 2 is in production.")
    assert theirs.text.startswith("Stores (stores)\nVersion 2 is in production.")
    assert (decisions.by_people, stores.by_people) == ([], [("rolled_back", "1", BY_ANN, "telegram")])


def test_a_name_that_is_none_is_answered_with_those_that_are(both: Desk) -> None:
    answer = both.command("versions", "shops")
    assert answer is not None
    assert answer.text == "There is no segmentation 'shops': there are dtc_personas, stores."
    named = both.command("help")
    assert named is not None
    assert named.text.endswith("one of dtc_personas, stores; else the first is meant.")


def test_what_is_wrong_with_one_does_not_hide_the_others(stores: FakeDecisions, both: Desk) -> None:
    for failure, said in (
        (NoProductionVersionError("none"), "No version of store_model is in production."),
        (DatabaseUnavailableError("Postgres is down"), "That could not be asked: Postgres is down"),
    ):
        stores.failure = failure
        answer = both.command("status")
        assert answer is not None
        assert answer.text.startswith("DTC personas\nVersion 2 of persona_model is in production.")
        assert answer.text.endswith(f"Stores (stores)\n{said}")


def test_a_registry_that_is_down_is_said_once(stores: FakeDecisions, both: Desk) -> None:
    stores.failure = ModelUnavailableError("the MLflow server does not answer")
    answer = both.command("status")
    assert answer is not None
    assert answer.text.startswith("That could not be done now: the MLflow server does not answer")


def test_a_catalogue_that_cannot_be_used_is_named(decisions: FakeDecisions) -> None:
    desk = Desk((counter_of(decisions),), {"broken": "broken.yaml: features is missing"})
    answer = desk.command("status")
    assert answer is not None
    assert answer.text.endswith("broken\nIts catalogue cannot be used: broken.yaml: features is missing")


def test_the_advice_after_a_decision_acts_on_the_segmentation(stores: FakeDecisions, both: Desk) -> None:
    stores.stale = [Wave(2025, 1)]
    press = Press.from_data(button(Action.APPROVE, model="store_model"))
    assert press is not None
    assert both.press(press, "Ann").text.endswith("make label WAVE=2025-01 SEGMENTATION=stores")
