"""The bot against a local server that speaks the Bot API."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog
from dtc_data.errors import DatabaseUnavailableError, SettingsError
from dtc_data.waves import Wave
from dtc_model.errors import ModelUnavailableError
from dtc_monitoring.bot import PersonaBot
from dtc_monitoring.bot_desk import Desk
from dtc_monitoring.buttons import Action, Press, model_key
from dtc_monitoring.settings import TelegramSettings
from fakes.decisions import FakeDecisions
from fakes.telegram import CONFLICT, HANG_UP, SERVER_ERROR, UNAUTHORIZED, FakeTelegram, Reply, too_many_requests

BY_ANN = "Ann Example (Telegram @ann_example, 4711)"


@pytest.fixture
def server() -> Iterator[FakeTelegram]:
    with FakeTelegram() as running:
        yield running


@pytest.fixture
def decisions() -> FakeDecisions:
    return FakeDecisions()


def bot_for(server: FakeTelegram, decisions: FakeDecisions, **changes: str) -> PersonaBot:
    values = {"bot_token": server.token, "chat_id": server.chat_id, "telegram_api_url": server.base_url} | changes
    desk = Desk(decisions, decisions)
    return PersonaBot(TelegramSettings.model_validate(values), lambda: desk, 0.01, 0.05, poll_seconds=5)


@contextmanager
def listening(bot: PersonaBot) -> Iterator[None]:
    """Let the bot serve in a thread, and stop it as a signal would."""
    loops: queue.Queue[asyncio.AbstractEventLoop] = queue.Queue()

    async def serve() -> None:
        loops.put(asyncio.get_running_loop())
        await bot.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop = loops.get(timeout=10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(bot.stop)
        thread.join(10)
        assert not thread.is_alive(), "the bot stops when it is told to"


def button(action: Action, version: str = "3", expected: str = "2", model: str = "persona_model") -> str:
    return Press(action, version, expected, model_key(model)).to_data()


APPROVE, REJECT = button(Action.APPROVE), button(Action.REJECT)


def test_approve_promotes_records_the_person_answers_and_takes_the_buttons_away(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
    assert decisions.by_people == [("promoted", "3", BY_ANN, "telegram")]
    assert answer.text.startswith(f"Done: version 3 was put into production by {BY_ANN} on ")
    assert answer.text.endswith("Version 3 of persona_model is in production.")
    assert server.chat.toasts[0].startswith("Done: version 3")
    assert len(server.chat.without_buttons) == 1


def test_reject_leaves_production_as_it_is(server: FakeTelegram, decisions: FakeDecisions) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.press(REJECT)
        (answer,) = server.wait_for_messages(1)
    assert decisions.by_people == [("rejected", "3", BY_ANN, "telegram")]
    assert "rejected by Ann Example" in answer.text
    assert "Version 2 of persona_model is in production." in answer.text


def test_repeated_presses_decide_once_and_are_answered_each_time(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    decisions.seconds = 0.1
    with listening(bot_for(server, decisions)):
        for _ in range(3):
            server.chat.press(APPROVE)
        answers = server.wait_for_messages(3)
    assert len(decisions.by_people) == 1
    assert all(answer.text.startswith("That was decided before, nothing was changed") for answer in answers[1:])


def test_approve_and_reject_pressed_at_once_cannot_both_win(server: FakeTelegram, decisions: FakeDecisions) -> None:
    server.chat.press(APPROVE)
    server.chat.press(REJECT)
    with listening(bot_for(server, decisions)):
        answers = server.wait_for_messages(2)
    assert [decision[0] for decision in decisions.by_people] == ["promoted"]
    assert answers[1].text == "Not done: version 3 is or was in production"


@pytest.mark.parametrize("action", [Action.APPROVE, Action.ROLL_BACK])
def test_a_button_made_before_production_changed_does_nothing(
    server: FakeTelegram, decisions: FakeDecisions, action: Action
) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.press(button(action, expected="1"))
        (answer,) = server.wait_for_messages(1)
    assert decisions.by_people == []
    assert answer.text == "Not done: version 1 was in production when this was decided, and 2 is now"
    assert len(server.chat.without_buttons) == 1


def test_a_candidate_that_was_decided_elsewhere_is_refused_in_the_registry_s_words(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    decisions.reject("3", "Bob", "I know better", "telegram")
    with listening(bot_for(server, decisions)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
    assert answer.text == "Not done: version 3 was decided already"
    assert decisions.production == "2"


def test_a_button_of_another_model_decides_nothing(server: FakeTelegram, decisions: FakeDecisions) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.press(button(Action.APPROVE, model="winter_tourists"))
        (answer,) = server.wait_for_messages(1)
    assert "another registered model than persona_model" in answer.text
    assert "PERSONA_CATALOGUE=… make promote VERSION=3 BY=… WHY=…" in answer.text
    assert decisions.by_people == []


@pytest.mark.parametrize("data", ["", "approve", "delete|3|2|x", "approve|3|2|x|y", "ä" * 30])
def test_a_button_that_is_not_ours_only_loses_its_clock(
    server: FakeTelegram, decisions: FakeDecisions, data: str
) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.press(data)
        server.chat.wait_until_confirmed()
    assert (server.chat.toasts, server.messages) == (["This button is not one of this bot's."], [])
    assert decisions.by_people == []


def test_other_chats_get_nothing_and_are_logged_without_what_they_said(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    with structlog.testing.capture_logs() as logs, listening(bot_for(server, decisions)):
        server.chat.write("/status secret plans", chat_id="99")
        server.chat.press(APPROVE, chat_id="-99")
        server.chat.wait_until_confirmed()
    assert (server.messages, server.chat.toasts, decisions.by_people) == ([], [], [])
    ignored = [entry for entry in logs if "another chat" in entry["event"]]
    assert [entry["chat_id"] for entry in ignored] == [99, -99]
    assert "secret" not in repr(logs)


def test_status_names_production_and_what_waits(server: FakeTelegram, decisions: FakeDecisions) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.write("/status")
        (answer,) = server.wait_for_messages(1)
    assert answer.text.startswith("Version 2 of persona_model is in production.\nVersion 3 waits for a decision")
    assert answer.text.endswith("for persona_model only. For others: PERSONA_CATALOGUE=… make versions")


def test_a_decision_is_answered_with_the_waves_that_are_still_labelled_by_another_version(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    decisions.stale = [Wave(2025, month) for month in (1, 2, 3, 4)]
    with listening(bot_for(server, decisions)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
    assert "still by another version in 2025-01, 2025-02, 2025-03, 2025-04" in answer.text
    assert answer.text.endswith("make label WAVE=2025-02, make label WAVE=2025-03, and so on for each")


def test_a_decision_is_answered_although_the_waves_cannot_be_looked_for(decisions: FakeDecisions) -> None:
    def gone() -> list[Wave]:
        raise DatabaseUnavailableError("Postgres is down")

    press = Press(Action.APPROVE, "3", "2", model_key(decisions.name))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(decisions, "stale_waves", gone)
        answer = Desk(decisions, decisions).press(press, "Ann")
    assert answer.text.startswith("Done: version 3")


def test_versions_lists_them_newest_first(server: FakeTelegram, decisions: FakeDecisions) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.write("/versions@persona_alerts_bot")
        (answer,) = server.wait_for_messages(1)
    assert [line.split(":")[0] for line in answer.text.splitlines()[1:]] == [
        "• Version 3",
        "• Version 2, in production",
        "• Version 1",
    ]


def test_rollback_asks_first_and_the_press_does_it(server: FakeTelegram, decisions: FakeDecisions) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.write("/rollback")
        (question,) = server.wait_for_messages(1)
        assert decisions.by_people == []
        server.chat.press(question.buttons["Roll back to version 1"])
        answer = server.wait_for_messages(2)[1]
    assert decisions.by_people == [("rolled_back", "1", BY_ANN, "telegram")]
    assert "version 1 was brought back by Ann" in answer.text


def test_a_second_press_on_the_same_question_does_not_roll_back_further(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    decisions.promote("3", "Bob", "it fits", "telegram")
    with listening(bot_for(server, decisions)):
        server.chat.write("/rollback")
        (question,) = server.wait_for_messages(1)
        for _ in range(2):
            server.chat.press(question.buttons["Roll back to version 2"])
        answers = server.wait_for_messages(3)
    assert decisions.production == "2"
    assert answers[2].text.startswith("Not done: version 3 was in production when this was decided")


def test_whoever_leaves_it_rolls_nothing_back(server: FakeTelegram, decisions: FakeDecisions) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.write("/rollback")
        (question,) = server.wait_for_messages(1)
        server.chat.press(question.buttons["Leave it"])
        server.wait_for_messages(2)
    assert decisions.by_people == []
    assert len(server.chat.without_buttons) == 1


def test_the_first_version_cannot_be_rolled_back(server: FakeTelegram, decisions: FakeDecisions) -> None:
    decisions.rollback("Bob", "it was too soon", "telegram")
    with listening(bot_for(server, decisions)):
        server.chat.write("/rollback")
        (answer,) = server.wait_for_messages(1)
    assert answer.buttons == {}
    assert "nothing to go back to" in answer.text


@pytest.mark.parametrize("text", ["hello", "what does /status do?", "/status@another_bot", "/unknown"])
def test_what_is_no_question_to_the_bot_gets_no_answer(
    server: FakeTelegram, decisions: FakeDecisions, text: str
) -> None:
    with listening(bot_for(server, decisions)):
        server.chat.write(text)
        server.chat.wait_until_confirmed()
    assert server.messages == []


@pytest.mark.parametrize(
    "outage", [ModelUnavailableError("MLflow does not answer"), DatabaseUnavailableError("Postgres cannot be used")]
)
def test_an_outage_of_mlflow_or_postgres_is_answered_and_the_buttons_stay_for_another_press(
    server: FakeTelegram, decisions: FakeDecisions, outage: Exception
) -> None:
    decisions.failure = outage
    with listening(bot_for(server, decisions)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
        assert str(outage) in answer.text
        assert server.chat.without_buttons == []
        decisions.failure = None
        server.chat.press(APPROVE)
        server.wait_for_messages(2)
    assert decisions.production == "3"


def test_an_unexpected_error_is_answered_without_its_words_and_the_bot_lives_on(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    decisions.failure = ZeroDivisionError("internals")
    with listening(bot_for(server, decisions)):
        server.chat.write("/status")
        (answer,) = server.wait_for_messages(1)
        decisions.failure = None
        server.chat.write("/status")
        server.wait_for_messages(2)
    assert "unexpected" in answer.text
    assert "internals" not in answer.text


@pytest.mark.parametrize("stumble", [SERVER_ERROR, HANG_UP, CONFLICT, too_many_requests(0), Reply(body=b"<html>")])
def test_an_outage_of_telegram_is_waited_out(server: FakeTelegram, decisions: FakeDecisions, stumble: Reply) -> None:
    server.treat("getMe", stumble)
    server.treat("getUpdates", *[stumble] * 4)
    with listening(bot_for(server, decisions)):
        server.chat.write("/status")
        server.wait_for_messages(1)
    assert server.calls.count("getUpdates") >= 5


TWO_BOTS = "Another program asks Telegram for this bot's updates"


def test_of_two_bots_on_one_token_each_decision_is_made_once_and_the_log_says_that_there_are_two(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    decisions.seconds = 0.3
    with (
        structlog.testing.capture_logs() as logs,
        listening(bot_for(server, decisions)),
        listening(bot_for(server, decisions)),
    ):
        while not any(TWO_BOTS in entry.get("reason", "") for entry in logs):
            time.sleep(0.01)
        for _ in range(3):
            server.chat.press(APPROVE)
            server.chat.wait_until_confirmed()
    assert [decision[0] for decision in decisions.by_people] == ["promoted"]
    assert decisions.asked >= 3, "no press is lost between the two"


def test_an_answer_that_telegram_does_not_take_is_given_up_and_the_decision_is_made_once(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    server.treat("answerCallbackQuery", SERVER_ERROR)
    server.treat("editMessageReplyMarkup", SERVER_ERROR)
    server.treat("sendMessage", *[SERVER_ERROR] * 3)
    with listening(bot_for(server, decisions)):
        server.chat.press(APPROVE)
        server.chat.wait_until_confirmed()
        server.chat.write("/status")
        (answer,) = server.wait_for_messages(1)
    assert len(decisions.by_people) == 1
    assert answer.text.startswith("Version 3 of persona_model is in production.")


def test_a_press_that_was_not_confirmed_before_a_crash_comes_again_and_changes_nothing_more(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    server.chat.press(APPROVE)
    delivered = list(server.chat.updates)
    with listening(bot_for(server, decisions)):
        server.wait_for_messages(1)
    assert server.chat.updates == [], "a bot that ends in peace confirms what it did"
    server.chat.updates.extend(delivered)  # as after a crash before the confirmation
    with listening(bot_for(server, decisions)):
        answer = server.wait_for_messages(2)[1]
    assert len(decisions.by_people) == 1
    assert answer.text.startswith("That was decided before, nothing was changed")


def test_what_was_asked_while_the_bot_was_down_is_answered_when_it_is_up(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    server.chat.write("/status")
    with listening(bot_for(server, decisions)):
        assert "in production" in server.wait_for_messages(1)[0].text


CHAT = {"id": -1001234567890, "type": "supergroup"}
ANN = {"id": 4711, "is_bot": False, "first_name": "Ann"}
COMMAND = [{"type": "bot_command", "offset": 0, "length": 7}]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("message", "hello"),
        ("message", [1]),
        ("message", {"message_id": 1, "chat": CHAT, "text": "without a date"}),
        ("message", {"message_id": 1, "chat": CHAT, "date": 10**18, "text": "in the far future"}),
        ("message", {"message_id": 1, "chat": CHAT, "date": 1, "text": "/status", "from": {"id": 4711}}),
        ("message", {"message_id": 1, "chat": CHAT, "date": 1, "text": " ", "entities": COMMAND, "from": ANN}),
        ("callback_query", {"id": "1", "from": ANN, "chat_instance": "1", "data": 7, "message": {"chat": CHAT}}),
        ("callback_query", {"id": "1", "data": "approve"}),
    ],
)
def test_an_update_that_cannot_be_read_does_not_hold_up_those_behind_it(
    server: FakeTelegram, decisions: FakeDecisions, kind: str, content: object
) -> None:
    server.chat.deliver(kind, content)
    server.chat.write("/status")
    with listening(bot_for(server, decisions)):
        (answer,) = server.wait_for_messages(1)
        server.chat.wait_until_confirmed()
    assert "in production" in answer.text


def test_the_bot_ends_although_an_answer_takes_minutes_and_the_press_is_dealt_with_after_the_next_start(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    decisions.seconds = 600
    server.chat.press(APPROVE)
    with listening(bot_for(server, decisions)):
        while not decisions.asked:
            time.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 9, "what runs containers kills after 10 s"
    assert len(server.chat.updates) == 1
    decisions.seconds = 0
    with listening(bot_for(server, decisions)):
        server.wait_for_messages(1)
    assert decisions.production == "3"


def test_status_lists_a_candidate_whose_promotion_was_interrupted_before_it_counted(decisions: FakeDecisions) -> None:
    interrupted = [found | {"last_decision": {"action": "promoted"}} for found in decisions.versions()]
    decisions.versions = lambda: interrupted  # type: ignore[method-assign]
    answer = Desk(decisions, decisions).command("status")
    assert answer is not None
    assert "Version 3 waits for a decision" in answer.text


def test_the_bot_ends_at_once_although_a_question_to_telegram_is_open(
    server: FakeTelegram, decisions: FakeDecisions
) -> None:
    started = time.monotonic()
    with listening(bot_for(server, decisions)):
        while "getUpdates" not in server.calls:
            time.sleep(0.01)
    assert time.monotonic() - started < 3


def test_a_refused_token_ends_the_bot_with_a_way_out_that_does_not_show_it(
    decisions: FakeDecisions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeTelegram(UNAUTHORIZED) as server, pytest.raises(SettingsError, match="BotFather") as error:
        bot_for(server, decisions).run()
    assert server.token not in caplog.text + str(error.value)


def test_a_bot_without_token_or_chat_says_what_is_missing(decisions: FakeDecisions) -> None:
    bot = PersonaBot(TelegramSettings(), lambda: Desk(decisions, decisions))
    with pytest.raises(SettingsError, match="BOT_TOKEN and CHAT_ID not set"):
        bot.run()


def test_a_channel_can_be_named_instead_of_numbered(decisions: FakeDecisions) -> None:
    with FakeTelegram() as server, listening(bot_for(server, decisions, chat_id="@personas")):
        server.chat.write("/status")
        server.chat.wait_until_confirmed()
        assert server.messages == [], "this chat has no name"
