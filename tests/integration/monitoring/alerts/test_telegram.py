import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import stamina
import structlog
from dtc_monitoring.alerts.sending import send_alert
from dtc_monitoring.alerts.telegram import ATTEMPTS
from dtc_monitoring.settings import TelegramSettings
from fakes.telegram import BLOCKED, HANG_UP, SERVER_ERROR, FakeTelegram, Reply, error, too_many_requests
from fakes.waiting import assert_once_within, seconds_of
from pydantic import SecretStr


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """Retry at once."""
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


def settings_for(server: FakeTelegram, **changes: str) -> TelegramSettings:
    values = {"bot_token": server.token, "chat_id": server.chat_id, "telegram_api_url": server.base_url} | changes
    return TelegramSettings.model_validate(values)


def test_an_alert_reaches_the_chat_as_plain_text() -> None:
    with FakeTelegram() as server:
        assert send_alert("5 of 10 <features> *changed*", settings_for(server)).status == "sent"
    (message,) = server.messages
    assert (message.chat_id, message.text) == (server.chat_id, "5 of 10 <features> *changed*")
    assert "parse_mode" not in message.parameters


def test_an_alert_can_be_sent_where_an_event_loop_runs() -> None:
    async def as_a_notebook_does(server: FakeTelegram) -> str:
        return send_alert("from a loop", settings_for(server)).status

    with FakeTelegram() as server:
        assert asyncio.run(as_a_notebook_does(server)) == "sent"


def test_an_alert_can_be_sent_from_a_thread() -> None:
    with FakeTelegram() as server:
        thread = threading.Thread(target=send_alert, args=("from a thread", settings_for(server)))
        thread.start()
        thread.join()
        assert [message.text for message in server.messages] == ["from a thread"]


def test_a_text_that_is_too_long_is_cut_and_arrives() -> None:
    with FakeTelegram() as server:
        assert send_alert("word " * 2000, settings_for(server)).status == "sent"
        assert server.messages[0].text.endswith("(cut)")


@pytest.mark.parametrize("stumble", [SERVER_ERROR, HANG_UP, error(502, "Bad Gateway")])
@pytest.mark.usefixtures("no_waiting")
def test_a_short_outage_is_retried(stumble: Reply) -> None:
    with FakeTelegram(stumble, stumble) as server:
        assert send_alert("at last", settings_for(server)).status == "sent"
        assert len(server.calls) == 3
        assert [message.text for message in server.messages] == ["at last"]


@pytest.mark.usefixtures("no_waiting")
def test_a_long_outage_is_given_up_and_reported() -> None:
    with FakeTelegram(*[SERVER_ERROR] * 9) as server, structlog.testing.capture_logs() as logs:
        delivery = send_alert("never", settings_for(server))
        assert len(server.calls) == ATTEMPTS
    assert delivery.status == "failed"
    assert server.base_url in delivery.detail
    (reported,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert reported["event"].endswith("\nnever"), "the alert can at least be read in the log"


@pytest.mark.usefixtures("no_waiting")
def test_a_server_that_does_not_answer_is_given_up_after_the_timeouts() -> None:
    def send() -> None:
        delivery = send_alert("hello?", settings_for(server), timeout_seconds=0.2)
        assert delivery.status == "failed"
        assert "in time" in delivery.detail

    with FakeTelegram(*[Reply(delay_seconds=30)] * 50) as server:
        assert_once_within(5, lambda: seconds_of(send))


@pytest.mark.usefixtures("no_waiting")
def test_a_host_that_is_not_there_fails_without_raising() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings = TelegramSettings(bot_token=SecretStr("1:a"), chat_id="1", telegram_api_url=address)
        assert send_alert("hello?", settings).status == "failed"


def test_the_wait_that_telegram_asks_for_is_kept() -> None:
    with FakeTelegram(too_many_requests(1)) as server:
        started = time.monotonic()
        assert send_alert("patience", settings_for(server)).status == "sent"
        assert time.monotonic() - started >= 1


def test_a_wait_that_is_too_long_for_a_run_is_not_waited_for() -> None:
    with FakeTelegram(too_many_requests(600)) as server:
        delivery = send_alert("patience", settings_for(server))
        assert (delivery.status, len(server.calls)) == ("failed", 1)
        assert "600" in delivery.detail


@pytest.mark.parametrize(
    ("changes", "script", "way_out"),
    [
        ({"bot_token": "987:wrong"}, [], "@BotFather"),
        ({"chat_id": "5"}, [], "CHAT_ID 5"),
        ({}, [BLOCKED], "Add it to the chat"),
        ({}, [Reply(body={})], "TELEGRAM_API_URL"),
        ({}, [Reply(body=b"[]")], "TELEGRAM_API_URL"),
        ({}, [Reply(body=b"<html>Please log in</html>")], "TELEGRAM_API_URL"),
    ],
)
def test_what_trying_again_cannot_mend_is_tried_once_and_named_with_the_way_out(
    changes: dict[str, str], script: list[Reply], way_out: str
) -> None:
    with FakeTelegram(*script) as server:
        delivery = send_alert("hello?", settings_for(server, **changes))
        assert (delivery.status, len(server.calls), server.messages) == ("failed", 1, [])
    assert way_out in delivery.detail


@pytest.mark.parametrize("given", [{}, {"bot_token": "1:a"}, {"chat_id": "1"}])
def test_without_token_or_chat_the_text_is_logged(given: dict[str, str]) -> None:
    with structlog.testing.capture_logs() as logs:
        delivery = send_alert("read me in the log", TelegramSettings.model_validate(given))
    assert delivery.status == "off"
    (line,) = logs
    assert line["event"].startswith("Telegram is off")
    assert line["event"].endswith("\nread me in the log")


@pytest.mark.parametrize("reply", [Reply(), SERVER_ERROR, error(401, "Unauthorized"), Reply(body=b"no")])
@pytest.mark.usefixtures("no_waiting")
def test_the_token_appears_in_no_log_and_no_detail(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FakeTelegram(*[reply] * ATTEMPTS) as server, structlog.testing.capture_logs() as logs:
        delivery = send_alert("hello", settings_for(server))
    everything = caplog.text + repr(logs) + delivery.detail
    assert "sendMessage" in caplog.text, "the HTTP client logged the request"
    assert server.token not in everything
    assert not logging.getLogger("httpx").filters, "nothing is left behind"
