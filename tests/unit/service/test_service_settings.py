import pytest
from dtc_data.core import SettingsError, read_settings
from dtc_service.settings import ServiceSettings


@pytest.mark.parametrize(
    ("host", "url", "bind"),
    [
        ("127.0.0.1", "http://127.0.0.1:9999", "127.0.0.1:9999"),
        ("0.0.0.0", "http://127.0.0.1:9999", "0.0.0.0:9999"),  # noqa: S104 - only written, not bound
        ("::", "http://[::1]:9999", "[::]:9999"),
        ("persona.example", "http://persona.example:9999", "persona.example:9999"),
    ],
)
def test_a_service_on_all_addresses_is_reached_on_the_own_machine(host: str, url: str, bind: str) -> None:
    settings = ServiceSettings(host=host, port=9999)
    assert (settings.service_url, settings.bind) == (url, bind)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICE_PORT", "70000"),
        ("SERVICE_WORKERS", "0"),
        ("SERVICE_RELOAD_SECONDS", "0"),
        ("SERVICE_RELOAD_SECONDS", "nan"),
        ("SERVICE_MAX_ROWS", "many"),
        ("SERVICE_MAX_BYTES", "-1"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings(ServiceSettings)


def test_an_empty_setting_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_PORT", "")
    assert read_settings(ServiceSettings).port == ServiceSettings.model_fields["port"].default
