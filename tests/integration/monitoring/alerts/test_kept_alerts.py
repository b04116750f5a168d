"""No alert is lost: it follows a chat that became a supergroup, and waits in Postgres while Telegram takes none."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from dtc_data.core import PostgresSettings
from dtc_data.tables import make_engine
from dtc_monitoring.alerts import Action, Press, TelegramStore, model_key, send_kept_alerts, tell_of_failed_run
from dtc_monitoring.alerts.buttons import rollback_buttons
from dtc_monitoring.alerts.sending import send_alert
from dtc_monitoring.bot import Desk
from dtc_monitoring.settings import TelegramSettings
from fakes.at_once import at_once
from fakes.bot import bot_for, counter_of, listening
from fakes.decisions import FakeDecisions
from fakes.telegram import BLOCKED, FakeTelegram
from fakes.waiting import wait_until
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

SUPERGROUP = "-1009876543210"
NOW = datetime(2025, 4, 1, 9, 30, tzinfo=UTC)
PICTURE = b"\x89PNG and so on"
LATE = "(Late: this is from 2025-04-01 09:30 UTC, when Telegram did not take it.)"


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **units: float) -> None:
        self.now += timedelta(**units)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(engine: Engine, clock: Clock) -> TelegramStore:
    return TelegramStore(engine, clock)


@pytest.fixture
def settings(telegram: FakeTelegram) -> TelegramSettings:
    values = {"bot_token": telegram.token, "chat_id": telegram.chat_id, "telegram_api_url": telegram.base_url}
    return TelegramSettings.model_validate(values)


@pytest.fixture
def desk() -> Desk:
    return Desk((counter_of(FakeDecisions()),))


def test_an_alert_follows_a_group_that_became_a_supergroup_and_the_chat_is_told_once(
    telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore
) -> None:
    telegram.chat.become_supergroup(SUPERGROUP)

    assert send_alert("Drift\nin March", settings, picture=PICTURE, store=store).status == "sent"
    assert send_alert("Drift\nin April", settings, store=store).status == "sent"

    alert, notice, next_alert = telegram.messages
    assert {message.chat_id for message in telegram.messages} == {SUPERGROUP}
    assert (alert.text, alert.photo, next_alert.text) == ("Drift\nin March", PICTURE, "Drift\nin April")
    assert notice.text.startswith("This group has a new id\n")
    assert f"Put CHAT_ID={SUPERGROUP} into .env" in notice.text
    assert telegram.calls.count("sendMessage") == 2, "the second alert goes to the new id at once"


def test_it_follows_without_postgres_too(telegram: FakeTelegram, settings: TelegramSettings) -> None:
    nowhere = make_engine(
        PostgresSettings.model_validate({"user": "x", "password": "x", "dbname": "x", "host": "127.0.0.1", "port": 9})
    )
    telegram.chat.become_supergroup(SUPERGROUP)

    for store in (None, TelegramStore(nowhere)):
        assert send_alert("Drift", settings, store=store).status == "sent"

    assert [message.text.split("\n")[0] for message in telegram.messages] == ["Drift", "This group has a new id"] * 2


def test_a_group_may_move_again(telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore) -> None:
    for new in (SUPERGROUP, "-1005555555555"):
        telegram.chat.become_supergroup(new)
        assert send_alert(f"to {new}", settings, store=store).status == "sent"
    assert [message.chat_id for message in telegram.messages] == [SUPERGROUP] * 2 + ["-1005555555555"] * 2


def test_the_bot_hears_of_the_move_says_so_and_answers_in_the_new_chat_also_after_its_restart(
    telegram: FakeTelegram, store: TelegramStore, desk: Desk
) -> None:
    with listening(bot_for(telegram, desk, store)):
        telegram.chat.become_supergroup(SUPERGROUP)
        telegram.wait_for_messages(1)
        telegram.chat.write("/status")
        telegram.wait_for_messages(2)
    with listening(bot_for(telegram, desk, store)):
        telegram.chat.write("/status")
        notice, first, second = telegram.wait_for_messages(3)
    assert notice.text.startswith("This group has a new id\n")
    assert "is in production" in first.text == second.text


def test_the_bot_answers_in_a_chat_of_whose_move_a_run_has_learned(
    telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore, desk: Desk
) -> None:
    with listening(bot_for(telegram, desk, store)):
        telegram.chat.become_supergroup(SUPERGROUP, tell_the_bot=False)
        send_alert("Drift", settings, store=store)
        telegram.chat.write("/status")
        assert "is in production" in telegram.wait_for_messages(3)[2].text


def test_an_alert_that_must_wait_longer_than_a_run_can_is_kept_whole_and_sent_by_the_next_run(
    telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore, clock: Clock
) -> None:
    telegram.chat.flood_seconds = 600
    buttons = rollback_buttons("2", "1", "persona_model")
    delivery = send_alert("Drift\nin March", settings, picture=PICTURE, buttons=buttons, store=store)
    assert (delivery.status, "600" in delivery.detail, telegram.messages) == ("kept", True, [])

    telegram.chat.flood_seconds = None
    clock.pass_by(seconds=599)
    send_kept_alerts(settings, store)
    assert telegram.messages == [], "Telegram has asked to wait"

    clock.pass_by(seconds=2)
    assert send_alert("No drift\nin April", settings, store=store).status == "sent"
    late, alert = telegram.messages
    assert (late.text, late.photo) == (f"Drift\n{LATE}\nin March", PICTURE)
    press = Press.from_data(late.buttons["Roll back to version 1"])
    assert press == Press(Action.ROLL_BACK, "1", "2", model_key("persona_model"))
    assert alert.text == "No drift\nin April"
    send_kept_alerts(settings, store)
    assert len(telegram.messages) == 2, "it is sent once"


def test_the_bot_sends_what_was_kept(
    telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore, clock: Clock, desk: Desk
) -> None:
    telegram.chat.flood_seconds = 60
    send_alert("Drift", settings, store=store)
    with listening(bot_for(telegram, desk, store)):
        telegram.chat.flood_seconds = None
        clock.pass_by(seconds=61)
        assert telegram.wait_for_messages(1)[0].text == f"Drift\n{LATE}"


def test_whatever_kept_it_back_it_is_tried_again_less_and_less_often_and_in_order(
    telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore, clock: Clock
) -> None:
    telegram.treat("sendMessage", BLOCKED, BLOCKED)
    assert send_alert("first", settings, store=store).status == "kept"
    assert send_alert("second", settings, store=store).status == "kept"
    clock.pass_by(minutes=1)
    telegram.treat("sendMessage", BLOCKED)
    send_kept_alerts(settings, store)
    clock.pass_by(minutes=1)
    send_kept_alerts(settings, store)
    assert [message.text.split("\n")[0] for message in telegram.messages] == ["second"]
    clock.pass_by(minutes=1)
    send_kept_alerts(settings, store)
    assert [message.text.split("\n")[0] for message in telegram.messages] == ["second", "first"]


def test_of_several_senders_at_once_one_sends_each_alert(
    telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore, clock: Clock
) -> None:
    telegram.chat.flood_seconds = 60
    for number in range(6):
        send_alert(f"alert {number}", settings, store=store)
    telegram.chat.flood_seconds = None
    clock.pass_by(seconds=61)

    at_once([partial(send_kept_alerts, settings, store)] * 4)

    assert sorted(message.text.split("\n")[0] for message in telegram.messages) == [f"alert {n}" for n in range(6)]


def test_an_alert_outlives_a_sender_that_dies_over_it(
    telegram: FakeTelegram, settings: TelegramSettings, store: TelegramStore, clock: Clock
) -> None:
    telegram.chat.flood_seconds = 60
    send_alert("Drift", settings, store=store)
    clock.pass_by(seconds=61)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.send_due(die)  # type: ignore[arg-type]  # it gives nothing
    telegram.chat.flood_seconds = None
    send_kept_alerts(settings, store)
    assert telegram.messages[0].text == f"Drift\n{LATE}"


@pytest.mark.usefixtures("database_in_environment")
def test_the_alert_of_a_failed_run_is_kept_too(
    telegram: FakeTelegram, settings: TelegramSettings, engine: Engine
) -> None:
    telegram.chat.flood_seconds = 600
    told = tell_of_failed_run("check", "no respondents", reference_wave="2025-01", current_wave="2025-03")
    assert told["status"] == "kept"
    telegram.chat.flood_seconds = None
    later = TelegramStore(engine, lambda: datetime.now(UTC) + timedelta(seconds=601))
    send_kept_alerts(settings, later)
    wait_until(lambda: bool(telegram.messages), lambda: "nothing arrived")
    headline, late = telegram.messages[0].text.split("\n")[:2]
    assert (headline.split(":")[0], late.startswith("(Late: this is from ")) == ("The check failed", True)
