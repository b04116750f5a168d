import pytest
from dtc_data.core import SettingsError, read_settings
from dtc_monitoring import DriftSettings
from dtc_monitoring.settings import TelegramSettings
from pydantic import SecretStr, ValidationError

TOKEN = "123456:AA-bb_CC"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["BOT_TOKEN", "CHAT_ID", "MESSAGE_DRIFT", "MESSAGE_NODRIFT", "TELEGRAM_API_URL"]
    for name in [*names, *(f"DRIFT_{field.upper()}" for field in DriftSettings.model_fields)]:
        monkeypatch.delenv(name, raising=False)


def test_drift_settings_have_the_documented_defaults() -> None:
    assert read_settings(DriftSettings).model_dump() == {
        "p_value": 0.05,
        "share": 0.5,
        "few_values": 10,
        "false_alarms": 0.003,
        "mix_false_alarms": 0.008,
        "smallest_shift": 0.2,
        "smallest_share_change": 0.1,
        "largest_wave": 200_000,
    }


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(read_settings(DriftSettings), "share", 0.1)  # noqa: B010 - mypy refuses the assignment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DRIFT_P_VALUE", "0"),
        ("DRIFT_P_VALUE", "1"),
        ("DRIFT_P_VALUE", "nan"),
        ("DRIFT_SHARE", "0"),
        ("DRIFT_SHARE", "1.5"),
        ("DRIFT_FEW_VALUES", "1"),
        ("DRIFT_FEW_VALUES", "many"),
        ("DRIFT_FALSE_ALARMS", "0"),
        ("DRIFT_MIX_FALSE_ALARMS", "0.5"),
        ("DRIFT_SMALLEST_SHIFT", "-1"),
        ("DRIFT_SMALLEST_SHARE_CHANGE", "2"),
        ("BOT_TOKEN", "not a token"),
        ("BOT_TOKEN", "123456"),
        ("BOT_TOKEN", f"{TOKEN} "),
        ("CHAT_ID", "my chat"),
        ("CHAT_ID", "12.5"),
        ("CHAT_ID", "@"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_API_URL", "ftp://api.telegram.org"),
        ("TELEGRAM_API_URL", "http://[::1"),
        ("TELEGRAM_API_URL", "http://host:99999"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as raised:
        read_settings(DriftSettings if name.startswith("DRIFT") else TelegramSettings)
    if name == "BOT_TOKEN":
        assert value not in str(raised.value)
        assert "@BotFather" in str(raised.value)


@pytest.mark.parametrize("chat", ["42", "-1001234567890", "@segment_alerts"])
def test_people_groups_and_channels_can_be_written_to(monkeypatch: pytest.MonkeyPatch, chat: str) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("CHAT_ID", chat)
    settings = read_settings(TelegramSettings)
    assert settings.off_reason is None
    assert settings.chat_id == chat


@pytest.mark.parametrize(
    ("present", "missing"),
    [
        ({}, "BOT_TOKEN and CHAT_ID"),
        ({"BOT_TOKEN": TOKEN}, "CHAT_ID"),
        ({"CHAT_ID": "42"}, "BOT_TOKEN"),
        ({"BOT_TOKEN": TOKEN, "CHAT_ID": ""}, "CHAT_ID"),
    ],
)
def test_telegram_is_off_without_both_and_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, present: dict[str, str], missing: str
) -> None:
    for name, value in present.items():
        monkeypatch.setenv(name, value)
    reason = read_settings(TelegramSettings).off_reason
    assert reason is not None
    assert reason.startswith("Telegram is off")
    assert [name for name in ("BOT_TOKEN", "CHAT_ID") if name in reason] == missing.split(" and ")


def test_the_token_is_not_shown_with_the_settings() -> None:
    assert TOKEN not in repr(TelegramSettings(bot_token=SecretStr(TOKEN), chat_id="42"))


def test_a_slash_at_the_end_of_the_address_does_not_matter() -> None:
    assert TelegramSettings(telegram_api_url="http://localhost:81/").telegram_api_url == "http://localhost:81"
