"""The bot while something is down or broken, and how it ends, against a local server that speaks the Bot API."""

import logging

import pytest
import structlog
from dtc_data.core import DatabaseUnavailableError, SettingsError
from dtc_model.errors import ModelUnavailableError
from dtc_monitoring.bot import Desk, SegmentBot
from dtc_monitoring.settings import TelegramSettings
from fakes.bot import APPROVE, bot_for, listening
from fakes.decisions import FakeDecisions
from fakes.telegram import CONFLICT, HANG_UP, SERVER_ERROR, UNAUTHORIZED, FakeTelegram, Reply, too_many_requests
from fakes.waiting import assert_once_within, seconds_of, wait_until

CHAT = {"id": -1001234567890, "type": "supergroup"}
ANN = {"id": 4711, "is_bot": False, "first_name": "Ann"}
TWO_BOTS = "Another program asks Telegram for this bot's updates"
COMMAND = [{"type": "bot_command", "offset": 0, "length": 7}]


@pytest.mark.parametrize(
    "outage", [ModelUnavailableError("MLflow does not answer"), DatabaseUnavailableError("Postgres cannot be used")]
)
def test_an_outage_of_mlflow_or_postgres_is_answered_and_the_buttons_stay_for_another_press(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk, outage: Exception
) -> None:
    decisions.failure = outage
    with listening(bot_for(server, desk)):
        server.chat.press(APPROVE)
        (answer,) = server.wait_for_messages(1)
        assert str(outage) in answer.text
        assert server.chat.without_buttons == []
        decisions.failure = None
        server.chat.press(APPROVE)
        server.wait_for_messages(2)
    assert decisions.production == "3"


def test_an_unexpected_error_is_answered_without_its_words_and_the_bot_lives_on(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.failure = ZeroDivisionError("internals")
    with listening(bot_for(server, desk)):
        server.chat.write("/status")
        (answer,) = server.wait_for_messages(1)
        decisions.failure = None
        server.chat.write("/status")
        server.wait_for_messages(2)
    assert "unexpected" in answer.text
    assert "internals" not in answer.text


@pytest.mark.parametrize("stumble", [SERVER_ERROR, HANG_UP, CONFLICT, too_many_requests(0), Reply(body=b"<html>")])
def test_an_outage_of_telegram_is_waited_out(server: FakeTelegram, desk: Desk, stumble: Reply) -> None:
    server.treat("getMe", stumble)
    server.treat("getUpdates", *[stumble] * 4)
    with listening(bot_for(server, desk)):
        server.chat.write("/status")
        server.wait_for_messages(1)
    assert server.calls.count("getUpdates") >= 5


def test_of_two_bots_on_one_token_each_decision_is_made_once_and_the_log_says_that_there_are_two(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    decisions.seconds = 0.3
    with (
        structlog.testing.capture_logs() as logs,
        listening(bot_for(server, desk)),
        listening(bot_for(server, desk)),
    ):
        wait_until(lambda: any(TWO_BOTS in entry.get("reason", "") for entry in logs))
        for _ in range(3):
            server.chat.press(APPROVE)
            server.chat.wait_until_confirmed()
    assert [decision[0] for decision in decisions.by_people] == ["promoted"]
    assert decisions.asked >= 3, "no press is lost between the two"


def test_an_answer_that_telegram_does_not_take_is_given_up_and_the_decision_is_made_once(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    server.treat("answerCallbackQuery", SERVER_ERROR)
    server.treat("editMessageReplyMarkup", SERVER_ERROR)
    server.treat("sendMessage", *[SERVER_ERROR] * 3)
    with listening(bot_for(server, desk)):
        server.chat.press(APPROVE)
        server.chat.wait_until_confirmed()
        server.chat.write("/status")
        (answer,) = server.wait_for_messages(1)
    assert len(decisions.by_people) == 1
    assert answer.text.startswith("Version 3 of persona_model is in production.")


def test_a_press_that_was_not_confirmed_before_a_crash_comes_again_and_changes_nothing_more(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    server.chat.press(APPROVE)
    delivered = list(server.chat.updates)
    with listening(bot_for(server, desk)):
        server.wait_for_messages(1)
    assert server.chat.updates == [], "a bot that ends in peace confirms what it did"
    server.chat.updates.extend(delivered)  # as after a crash before the confirmation
    with listening(bot_for(server, desk)):
        answer = server.wait_for_messages(2)[1]
    assert len(decisions.by_people) == 1
    assert answer.text.startswith("That was decided before, nothing was changed")


def test_what_was_asked_while_the_bot_was_down_is_answered_when_it_is_up(server: FakeTelegram, desk: Desk) -> None:
    server.chat.write("/status")
    with listening(bot_for(server, desk)):
        assert "in production" in server.wait_for_messages(1)[0].text


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
    server: FakeTelegram, desk: Desk, kind: str, content: object
) -> None:
    server.chat.deliver(kind, content)
    server.chat.write("/status")
    with listening(bot_for(server, desk)):
        (answer,) = server.wait_for_messages(1)
        server.chat.wait_until_confirmed()
    assert "in production" in answer.text


def test_the_bot_ends_although_an_answer_takes_minutes_and_the_press_is_dealt_with_after_the_next_start(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    def seconds_to_end() -> float:
        bot, before = listening(bot_for(server, desk)), decisions.asked
        bot.__enter__()
        wait_until(lambda: decisions.asked > before)
        return seconds_of(lambda: bot.__exit__(None, None, None))

    decisions.seconds = 600
    server.chat.press(APPROVE)
    assert_once_within(9, seconds_to_end)  # what runs containers kills after 10 s
    assert len(server.chat.updates) == 1
    decisions.seconds = 0
    with listening(bot_for(server, desk)):
        server.wait_for_messages(1)
    assert decisions.production == "3"


def test_the_bot_ends_at_once_although_a_question_to_telegram_is_open(server: FakeTelegram, desk: Desk) -> None:
    def seconds_to_end() -> float:
        bot, before = listening(bot_for(server, desk)), server.calls.count("getUpdates")
        bot.__enter__()
        wait_until(lambda: server.calls.count("getUpdates") > before)
        return seconds_of(lambda: bot.__exit__(None, None, None))

    assert_once_within(3, seconds_to_end)


def test_a_refused_token_ends_the_bot_with_a_way_out_that_does_not_show_it(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeTelegram(UNAUTHORIZED) as server, pytest.raises(SettingsError, match="BotFather") as error:
        bot_for(server, desk).run()
    assert server.token not in caplog.text + str(error.value)


def test_a_bot_without_token_or_chat_says_what_is_missing(desk: Desk) -> None:
    bot = SegmentBot(TelegramSettings(), lambda: desk)
    with pytest.raises(SettingsError, match="BOT_TOKEN and CHAT_ID not set"):
        bot.run()
