"""What the bot does with presses of buttons, against a local server that speaks the Bot API."""

import pytest
from dtc_data.core import DatabaseUnavailableError, Wave
from dtc_monitoring.alerts import Action, Press, model_key
from dtc_monitoring.bot import Desk
from fakes.bot import APPROVE, REJECT, bot_for, button, listening
from fakes.decisions import FakeDecisions
from fakes.telegram import BY_ANN, FakeTelegram, Message


def test_approve_promotes_records_the_person_answers_and_takes_the_buttons_away(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    with listening(bot_for(server, desk)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
    assert decisions.by_people == [("promoted", "3", BY_ANN, "telegram")]
    assert answer.text.startswith(f"Done: version 3 was put into production by {BY_ANN} on ")
    assert answer.text.endswith("Version 3 of persona_model is in production.")
    assert server.chat.toasts[0].startswith("Done: version 3")
    assert len(server.chat.without_buttons) == 1


def test_reject_leaves_production_as_it_is(server: FakeTelegram, decisions: FakeDecisions, desk: Desk) -> None:
    with listening(bot_for(server, desk)):
        server.chat.press(REJECT)
        (answer,) = server.wait_for_messages(1)
    assert decisions.by_people == [("rejected", "3", BY_ANN, "telegram")]
    assert "rejected by Ann Example" in answer.text
    assert "Version 2 of persona_model is in production." in answer.text


def test_repeated_presses_decide_once_and_are_answered_each_time(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.seconds = 0.1
    with listening(bot_for(server, desk)):
        for _ in range(3):
            server.chat.press(APPROVE)
        answers = server.wait_for_messages(3)
    assert len(decisions.by_people) == 1
    assert all(answer.text.startswith("That was decided before, nothing was changed") for answer in answers[1:])


def test_approve_and_reject_pressed_at_once_cannot_both_win(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    server.chat.press(APPROVE)
    server.chat.press(REJECT)
    with listening(bot_for(server, desk)):
        answers = server.wait_for_messages(2)
    assert [decision[0] for decision in decisions.by_people] == ["promoted"]
    assert answers[1].text == "Not done: version 3 is or was in production"


@pytest.mark.parametrize("action", [Action.APPROVE, Action.ROLL_BACK])
def test_a_button_made_before_production_changed_does_nothing(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk, action: Action
) -> None:
    with listening(bot_for(server, desk)):
        server.chat.press(button(action, expected="1"))
        (answer,) = server.wait_for_messages(1)
    assert decisions.by_people == []
    assert answer.text == "Not done: version 1 was in production when this was decided, and 2 is now"
    assert len(server.chat.without_buttons) == 1


def test_a_candidate_that_was_decided_elsewhere_is_refused_in_the_registry_s_words(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.reject("3", "Bob", "I know better", "telegram")
    with listening(bot_for(server, desk)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
    assert answer.text == "Not done: version 3 was decided already"
    assert decisions.production == "2"


def test_a_button_of_another_model_decides_nothing(server: FakeTelegram, decisions: FakeDecisions, desk: Desk) -> None:
    with listening(bot_for(server, desk)):
        server.chat.press(button(Action.APPROVE, model="winter_tourists"))
        (answer,) = server.wait_for_messages(1)
    assert "belongs to none of the segmentations here (dtc_personas)" in answer.text
    assert "make promote SEGMENTATION=… VERSION=3 BY=… WHY=…" in answer.text
    assert decisions.by_people == []


@pytest.mark.parametrize("data", ["", "approve", "delete|3|2|x", "approve|3|2|x|y", "ä" * 30])
def test_a_button_that_is_not_ours_only_loses_its_clock(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk, data: str
) -> None:
    with listening(bot_for(server, desk)):
        server.chat.press(data)
        server.chat.wait_until_confirmed()
    assert (server.chat.toasts, server.messages) == (["This button is not one of this bot's."], [])
    assert decisions.by_people == []


def test_a_decision_is_answered_with_the_waves_that_are_still_labelled_by_another_version(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.stale = [Wave(2025, month) for month in (1, 2, 3, 4)]
    with listening(bot_for(server, desk)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
    assert "still by another version in 2025-01, 2025-02, 2025-03, 2025-04" in answer.text
    assert answer.text.endswith("make label WAVE=2025-02, make label WAVE=2025-03, and so on for each")


def test_a_decision_is_answered_although_the_waves_cannot_be_looked_for(decisions: FakeDecisions, desk: Desk) -> None:
    def gone() -> list[Wave]:
        raise DatabaseUnavailableError("Postgres is down")

    press = Press(Action.APPROVE, "3", "2", model_key(decisions.name))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(decisions, "stale_waves", gone)
        answer = desk.press(press, "Ann")
    assert answer.text.startswith("Done: version 3")


def asked_to_roll_back(server: FakeTelegram) -> Message:
    """Send /rollback and give the bot's question, its first message."""
    server.chat.write("/rollback")
    (question,) = server.wait_for_messages(1)
    return question


def test_rollback_asks_first_and_the_press_does_it(server: FakeTelegram, decisions: FakeDecisions, desk: Desk) -> None:
    with listening(bot_for(server, desk)):
        question = asked_to_roll_back(server)
        assert decisions.by_people == []
        server.chat.press(question.buttons["Roll back to version 1"])
        answer = server.wait_for_messages(2)[1]
    assert decisions.by_people == [("rolled_back", "1", BY_ANN, "telegram")]
    assert "version 1 was brought back by Ann" in answer.text


def test_a_second_press_on_the_same_question_does_not_roll_back_further(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.promote("3", "Bob", "it fits", "telegram")
    with listening(bot_for(server, desk)):
        question = asked_to_roll_back(server)
        for _ in range(2):
            server.chat.press(question.buttons["Roll back to version 2"])
        answers = server.wait_for_messages(3)
    assert decisions.production == "2"
    assert answers[2].text.startswith("Not done: version 3 was in production when this was decided")


def test_a_rollback_question_names_the_version_that_comes_back_and_what_it_passes_over(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.promote("3", "Bob", "it fits", "telegram")
    decisions.lost.add("2")
    with listening(bot_for(server, desk)):
        question = asked_to_roll_back(server)
        assert question.text == (
            "Version 3 is in production. Passed over, because the model is lost: version 2. "
            "Shall version 1 take its place again?"
        )
        server.chat.press(question.buttons["Roll back to version 1"])
        server.wait_for_messages(2)
    assert decisions.production == "1"


def test_a_button_never_brings_back_another_version_than_it_names(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.promote("3", "Bob", "it fits", "telegram")
    with listening(bot_for(server, desk)):
        question = asked_to_roll_back(server)
        decisions.lost.add("2")
        server.chat.press(question.buttons["Roll back to version 2"])
        answer = server.wait_for_messages(2)[1]
    assert decisions.production == "3"
    assert answer.text.startswith("Not done: version 2 cannot come back")


def test_whoever_leaves_it_rolls_nothing_back(server: FakeTelegram, decisions: FakeDecisions, desk: Desk) -> None:
    with listening(bot_for(server, desk)):
        question = asked_to_roll_back(server)
        server.chat.press(question.buttons["Leave it"])
        answer = server.wait_for_messages(2)[1]
    assert decisions.by_people == []
    assert answer.text == f"Left as it is. {BY_ANN} did not roll back."
    assert len(server.chat.without_buttons) == 1


def test_the_first_version_cannot_be_rolled_back(server: FakeTelegram, decisions: FakeDecisions, desk: Desk) -> None:
    decisions.rollback("Bob", "it was too soon", "telegram")
    with listening(bot_for(server, desk)):
        server.chat.write("/rollback")
        (answer,) = server.wait_for_messages(1)
    assert answer.buttons == {}
    assert "nothing to go back to" in answer.text
