"""The last step of a run: people hear of it, whatever else is down."""

import runpy
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from dtc_data import Catalogue, Wave
from dtc_data.core import PostgresSettings, SettingsError
from dtc_data.tables import make_engine, stack_samples
from dtc_model.errors import ModelUnavailableError
from dtc_monitoring import DriftCheckError
from dtc_monitoring.alerts import Action, Press, alert_if_check_fails, model_key, tell
from dtc_stack.mage.project import SOURCE
from fakes.run_documents import CHECK, PROMOTION
from fakes.served import segmentation
from fakes.telegram import SERVER_ERROR, FakeTelegram, error
from fakes.waves import JANUARY, MARCH, wave_around
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


def test_a_check_that_cannot_be_made_alerts_and_still_fails(telegram: FakeTelegram) -> None:
    with pytest.raises(DriftCheckError, match="holds no answers"), alert_if_check_fails("2025-01", "2025-03"):
        raise DriftCheckError("column 'x1' of the current wave holds no answers at all")
    (message,) = telegram.messages
    for part in ("The check failed", "2025-03", "2025-01", "column 'x1'", "Nothing was trained"):
        assert part in message.text
    assert "no drift" not in message.text.lower()


VERDICT, WAVES = {"status": "drift"}, {"reference_wave": "2025-01", "current_wave": "2025-03"}


@pytest.mark.parametrize(
    ("block", "upstream"),
    [
        ("transformers/train_models", VERDICT),
        ("custom/register_best_model", {"parent_run_id": "0123"}),
        ("custom/promote_model", {"version": "2"}),
    ],
)
def test_drift_is_told_although_the_retraining_fails_and_the_run_still_fails(
    telegram: FakeTelegram, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, block: str, upstream: dict[str, str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    for name, value in (("USER", "dtc"), ("PASSWORD", "x"), ("DBNAME", "dtc"), ("HOST", "127.0.0.1"), ("PORT", "9")):
        monkeypatch.setenv(f"POSTGRES_{name}", value)
    path, kind = SOURCE / f"{block}.py", block.partition("/")[0].removesuffix("s")
    run = runpy.run_path(str(path), init_globals={kind: lambda function: function})[path.stem]
    january, march = (wave_around(catalogue, catalogue.centroids, *month) for month in (JANUARY, MARCH))
    samples = stack_samples(january, march, catalogue, Wave(2025, 1), Wave(2025, 3))
    with pytest.raises(ModelUnavailableError):
        run(upstream, VERDICT if "register" in block else samples, **WAVES)
    (message,) = telegram.messages
    assert message.text.startswith("Drift, and the retraining failed\n")
    assert "the MLflow server at http://127.0.0.1:9 " in message.text
    assert "(ConnectError" in message.text


def test_a_check_that_succeeds_alerts_nobody(telegram: FakeTelegram) -> None:
    with alert_if_check_fails("2025-01", "2025-03"):
        pass
    assert telegram.messages == []


@pytest.mark.usefixtures("telegram")
def test_a_wrong_setting_of_telegram_does_not_hide_why_the_check_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_ID", "the team")
    with pytest.raises(DriftCheckError, match="no respondents"), alert_if_check_fails("2025-01", "2025-03"):
        raise DriftCheckError("the current wave holds no respondents")
