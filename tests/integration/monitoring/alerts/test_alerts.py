"""The last step of a run: people hear of it, whatever else is down."""

from collections.abc import Callable
from typing import Any

import pytest
import structlog
from dtc_data import Catalogue
from dtc_data.core import PostgresSettings, SettingsError
from dtc_data.tables import make_engine
from dtc_monitoring.alerts import (
    Action,
    Press,
    Stage,
    model_key,
    tell,
    tell_of_checks_not_started,
    tell_of_failed_run,
)
from fakes.run_documents import CHECK, PROMOTION
from fakes.served import segmentation
from fakes.telegram import SERVER_ERROR, FakeTelegram, error
from pydantic import SecretStr

Tell = Callable[..., dict[str, str]]
NOWHERE = PostgresSettings(user="dtc", password=SecretStr("x"), dbname="dtc", host="127.0.0.1", port=9)


@pytest.fixture(autouse=True)
def _headlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESSAGE_DRIFT", "Drift alarm")
    monkeypatch.setenv("MESSAGE_NODRIFT", "All quiet")


@pytest.fixture
def tell_without_servers(small_catalogue: Catalogue) -> Tell:
    """Tell of a run while neither MLflow nor Postgres can be reached."""

    def run(check: dict[str, Any], promotion: dict[str, Any] | None = None) -> dict[str, str]:
        return tell(
            check,
            promotion,
            segmentation=segmentation(small_catalogue),
            engine=make_engine(NOWHERE),
            tracking_uri="http://127.0.0.1:9",
        )

    return run


def test_the_alert_arrives_with_its_picture_and_buttons_although_mlflow_and_postgres_are_down(
    telegram: FakeTelegram, tell_without_servers: Tell
) -> None:
    with structlog.testing.capture_logs() as logs:
        result = tell_without_servers(CHECK, PROMOTION)
    (message,) = telegram.messages
    assert message.photo is not None
    assert message.photo.startswith(b"\x89PNG")
    assert message.text.startswith("Drift alarm\n")
    assert (result["status"], result["text"], result["report_url"]) == ("sent", message.text, "")
    assert "Green Greta: 50% → 60% of respondents" in message.text
    assert message.bold[:2] == ["Drift alarm", "What changed"]
    press = Press.from_data(message.buttons["Approve version 2"])
    assert press == Press(Action.APPROVE, "2", "1", model_key("small_model"))
    assert {"the earlier waves", "the centroids"} <= {entry.get("part") for entry in logs}


def test_a_quiet_month_has_its_own_first_line_and_nothing_to_press(
    telegram: FakeTelegram, tell_without_servers: Tell
) -> None:
    tell_without_servers(CHECK | {"status": "stable", "evidence": []}, None)
    (message,) = telegram.messages
    assert message.photo is not None
    assert message.text.startswith("All quiet\n")
    assert message.buttons == {}


def test_a_text_too_long_for_a_caption_is_a_message_of_its_own_below_the_picture_with_the_buttons(
    telegram: FakeTelegram, tell_without_servers: Tell
) -> None:
    long = [CHECK["evidence"][0] | {"words": f"question {n} changed {'very ' * 30}much"} for n in range(5)]
    result = tell_without_servers(CHECK | {"evidence": long}, PROMOTION)
    picture, message = telegram.messages
    assert picture.photo is not None
    assert picture.text.splitlines()[0] == "Drift alarm"
    assert picture.text.splitlines()[-1].startswith("small, wave 2025-03 (480 respondents)")
    assert picture.buttons == {}
    assert message.text == result["text"]
    assert message.buttons.keys() == {"Approve version 2", "Reject version 2"}


def test_a_change_of_the_mix_has_a_headline_of_its_own(telegram: FakeTelegram, tell_without_servers: Tell) -> None:
    tell_without_servers(CHECK | {"status": "mix_shift"})
    assert telegram.messages[0].text.startswith("Mix shift: ")


@pytest.mark.parametrize("refusal", [error(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), error(413, "Too Large")])
def test_a_picture_that_telegram_does_not_take_does_not_keep_the_text_back(
    telegram: FakeTelegram, tell_without_servers: Tell, refusal: Any
) -> None:
    telegram.treat("sendPhoto", *[refusal] * 3)
    assert tell_without_servers(CHECK, PROMOTION)["status"] == "sent"
    (message,) = telegram.messages
    assert message.photo is None
    assert message.buttons.keys() == {"Approve version 2", "Reject version 2"}


def test_a_picture_that_cannot_be_drawn_does_not_keep_the_text_back(
    telegram: FakeTelegram, tell_without_servers: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dtc_monitoring.alerts.telling.draw_picture", break_down)
    assert tell_without_servers(CHECK, PROMOTION)["status"] == "sent"
    assert [message.photo for message in telegram.messages] == [None]


def test_without_telegram_the_step_succeeds(tell_without_servers: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    result = tell_without_servers(CHECK, PROMOTION)
    assert (result["status"], "stays in production" in result["text"]) == ("off", True)


def test_an_outage_of_telegram_is_reported_and_raises_nothing(
    telegram: FakeTelegram, tell_without_servers: Tell
) -> None:
    telegram.then(*[SERVER_ERROR] * 6)
    result = tell_without_servers(CHECK, PROMOTION)
    assert (result["status"], telegram.messages) == ("failed", [])


@pytest.mark.usefixtures("telegram")
def test_a_wrong_setting_is_an_error_and_not_an_outage(
    tell_without_servers: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_ID", "the team")
    with pytest.raises(SettingsError, match="CHAT_ID"):
        tell_without_servers(CHECK)


@pytest.mark.parametrize(
    ("stage", "headline", "words"),
    [
        ("check", "The check failed: we do not know whether there is drift", "this is not an all-clear"),
        ("retraining", "Drift, and the retraining failed", "`make versions` shows which version labels now"),
        ("telling", "The check was made, but its result was not sent", "`make history` shows the verdict"),
    ],
)
def test_a_run_that_failed_is_told_with_its_reason_and_what_is_known(
    telegram: FakeTelegram, stage: Stage, headline: str, words: str
) -> None:
    reason = "select_features: column 'x1' holds no answers"
    told = tell_of_failed_run(stage, reason, reference_wave="2025-01", current_wave="2025-03", survey="Shop")
    (message,) = telegram.messages
    assert (told["status"], told["text"]) == ("sent", message.text)
    assert message.text.startswith(f"{headline}\n")
    for part in ("Shop, wave 2025-03", "2025-01", "select_features: column 'x1'", words):
        assert part in message.text
    assert "no drift" not in message.text.lower()


def test_monthly_checks_that_did_not_start_are_told_with_the_way_out(telegram: FakeTelegram) -> None:
    tell_of_checks_not_started("2025-03", "start_checks: stores: Mage takes no run")
    (message,) = telegram.messages
    assert message.text.startswith("The monthly checks did not all start\n")
    for part in ("Wave 2025-03", "stores: Mage takes no run", "not an all-clear", "CURRENT=2025-03"):
        assert part in message.text


def test_an_outage_of_telegram_is_told_to_who_tells_of_a_failed_run(telegram: FakeTelegram) -> None:
    telegram.then(*[SERVER_ERROR] * 6)
    told = tell_of_failed_run("check", "no respondents", reference_wave="2025-01", current_wave="2025-03")
    assert told["status"] == "failed"
    assert telegram.messages == []
