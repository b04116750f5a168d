"""Whom the bot answers and what, against a local server that speaks the Bot API."""

import pytest
import structlog
from dtc_monitoring.bot import Desk
from fakes.bot import APPROVE, bot_for, listening
from fakes.decisions import FakeDecisions
from fakes.telegram import FakeTelegram


def test_other_chats_get_nothing_and_are_logged_without_what_they_said(
    server: FakeTelegram, decisions: FakeDecisions, desk: Desk
) -> None:
    with structlog.testing.capture_logs() as logs, listening(bot_for(server, desk)):
        server.chat.write("/status secret plans", chat_id="99")
        server.chat.press(APPROVE, chat_id="-99")
        server.chat.wait_until_confirmed()
    assert (server.messages, server.chat.toasts, decisions.by_people) == ([], [], [])
    ignored = [entry for entry in logs if "another chat" in entry["event"]]
    assert [entry["chat_id"] for entry in ignored] == [99, -99]
    assert "secret" not in repr(logs)


def test_status_names_production_and_what_waits(server: FakeTelegram, desk: Desk) -> None:
    with listening(bot_for(server, desk)):
        server.chat.write("/status")
        (answer,) = server.wait_for_messages(1)
    assert answer.text.startswith("Version 2 of persona_model is in production.\nVersion 3 waits for a decision")
    assert "Nothing waits" not in answer.text


def test_status_lists_a_candidate_whose_promotion_was_interrupted_before_it_counted(
    decisions: FakeDecisions, desk: Desk
) -> None:
    interrupted = [found | {"last_decision": {"action": "promoted"}} for found in decisions.versions()]
    decisions.versions = lambda: interrupted  # type: ignore[method-assign]
    answer = desk.command("status")
    assert answer is not None
    assert "Version 3 waits for a decision" in answer.text


def test_versions_lists_them_newest_first(server: FakeTelegram, desk: Desk) -> None:
    with listening(bot_for(server, desk)):
        server.chat.write("/versions@segment_alerts_bot")
        (answer,) = server.wait_for_messages(1)
    assert [line.split(":")[0] for line in answer.text.splitlines()[1:]] == [
        "• Version 3",
        "• Version 2, in production",
        "• Version 1",
    ]


@pytest.mark.parametrize("text", ["hello", "what does /status do?", "/status@another_bot", "/unknown"])
def test_what_is_no_question_to_the_bot_gets_no_answer(server: FakeTelegram, desk: Desk, text: str) -> None:
    with listening(bot_for(server, desk)):
        server.chat.write(text)
        server.chat.wait_until_confirmed()
    assert server.messages == []


def test_a_channel_can_be_named_instead_of_numbered(desk: Desk) -> None:
    with FakeTelegram() as server, listening(bot_for(server, desk, chat_id="@personas")):
        server.chat.write("/status")
        server.chat.wait_until_confirmed()
        assert server.messages == [], "this chat has no name"
