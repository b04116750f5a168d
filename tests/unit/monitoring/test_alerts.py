import json
from collections.abc import Callable, Iterator

import pytest
from dtc_data.errors import SettingsError
from dtc_monitoring import DriftCheckError
from dtc_monitoring.alerts import alert_drift, alert_if_check_fails, alert_no_drift
from dtc_monitoring.drift_check import DriftCheck
from fakes.telegram import FakeTelegram

MakeCheck = Callable[..., DriftCheck]

PROMOTION = {
    "version": "2",
    "k": 3,
    "silhouette": 0.4175,
    "silhouette_inertia_ratio": 0.00864,
    "promoted": True,
    "production_version": "2",
    "previous_version": "1",
    "reason": "each of the 3 personas has a cluster of its own",
    "missing": [],
    "training_wave": "2025-03",
}


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        monkeypatch.setenv("BOT_TOKEN", server.token)
        monkeypatch.setenv("CHAT_ID", server.chat_id)
        monkeypatch.setenv("TELEGRAM_API_URL", server.base_url)
        monkeypatch.setenv("MESSAGE_DRIFT", "Drift alarm")
        monkeypatch.setenv("MESSAGE_NODRIFT", "All quiet")
        yield server


def test_the_drift_step_sends_what_the_steps_before_it_gave(check: MakeCheck, telegram: FakeTelegram) -> None:
    through_json = json.loads(json.dumps(check(5).to_dict()))
    result = alert_drift(through_json, PROMOTION)
    (message,) = telegram.messages
    assert (result["status"], result["text"]) == ("sent", message.text)
    assert message.text.startswith("Drift alarm\n")
    assert "as version 2 of persona_model" in message.text
    assert "trained on wave 2025-03" in message.text


def test_the_no_drift_step_sends_its_message(check: MakeCheck, telegram: FakeTelegram) -> None:
    assert alert_no_drift(check(0).to_dict(), production_version="1")["status"] == "sent"
    assert telegram.messages[0].text.startswith("All quiet\n")


def test_without_telegram_the_steps_succeed(check: MakeCheck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    result = alert_drift(check(5).to_dict(), PROMOTION | {"promoted": False, "production_version": "1"})
    assert (result["status"], "stays in production" in result["text"]) == ("off", True)


@pytest.mark.usefixtures("telegram")
def test_a_wrong_setting_is_an_error_and_not_an_outage(check: MakeCheck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_ID", "the team")
    with pytest.raises(SettingsError, match="CHAT_ID"):
        alert_no_drift(check(0).to_dict(), production_version="1")


def test_a_check_that_cannot_be_made_alerts_and_still_fails(telegram: FakeTelegram) -> None:
    with pytest.raises(DriftCheckError, match="holds no answers"), alert_if_check_fails("2025-01", "2025-03"):
        raise DriftCheckError("column 'x1' of the current wave holds no answers at all")
    (message,) = telegram.messages
    for part in ("Check failed", "2025-03", "2025-01", "column 'x1'", "Nothing was trained"):
        assert part in message.text
    assert "no drift" not in message.text.lower()


def test_a_check_that_succeeds_alerts_nobody(telegram: FakeTelegram) -> None:
    with alert_if_check_fails("2025-01", "2025-03"):
        pass
    assert telegram.messages == []


@pytest.mark.usefixtures("telegram")
def test_a_wrong_setting_of_telegram_does_not_hide_why_the_check_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_ID", "the team")
    with pytest.raises(DriftCheckError, match="no respondents"), alert_if_check_fails("2025-01", "2025-03"):
        raise DriftCheckError("the current wave holds no respondents")
