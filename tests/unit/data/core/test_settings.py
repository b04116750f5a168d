"""Settings: each mistake is named by its environment variable."""

import pytest
from dtc_data.core import PostgresSettings, SegmentationSettings, SettingsError, read_settings
from pydantic import ValidationError

POSTGRES = {
    "POSTGRES_USER": "dtc",
    "POSTGRES_PASSWORD": "s3cret",
    "POSTGRES_DBNAME": "customers",
    "POSTGRES_HOST": "127.0.0.1",
    "POSTGRES_PORT": "4321",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in POSTGRES.items():
        monkeypatch.setenv(name, value)


def test_settings_come_from_the_environment() -> None:
    settings = read_settings(PostgresSettings)

    assert (settings.user, settings.dbname, settings.host, settings.port) == ("dtc", "customers", "127.0.0.1", 4321)
    assert settings.password.get_secret_value() == "s3cret"


def test_an_override_wins_over_the_environment() -> None:
    assert read_settings(PostgresSettings, port=1).port == 1


@pytest.mark.parametrize("name", POSTGRES)
def test_a_missing_setting_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=f"{name} is not set.*\\.env"):
        read_settings(PostgresSettings)


@pytest.mark.parametrize("name", POSTGRES)
def test_an_empty_setting_counts_as_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")

    with pytest.raises(SettingsError, match=f"{name} is not set"):
        read_settings(PostgresSettings)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "4.5"])
def test_a_wrong_port_is_named(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_PORT", port)

    with pytest.raises(SettingsError, match="POSTGRES_PORT is wrong"):
        read_settings(PostgresSettings)


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSTGRES_USER")
    monkeypatch.setenv("POSTGRES_PORT", "x")

    with pytest.raises(SettingsError, match=r"POSTGRES_USER is not set; POSTGRES_PORT is wrong"):
        read_settings(PostgresSettings)


def test_an_unknown_override_is_refused() -> None:
    with pytest.raises(SettingsError, match="not a setting of PostgresSettings"):
        read_settings(PostgresSettings, colour="red")


def test_no_message_and_no_text_form_shows_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "s3cret" not in repr(read_settings(PostgresSettings))

    monkeypatch.setenv("POSTGRES_PORT", "x")
    with pytest.raises(SettingsError) as caught:
        read_settings(PostgresSettings)
    assert "s3cret" not in str(caught.value)


def test_settings_cannot_be_changed() -> None:
    settings = read_settings(PostgresSettings)

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]  # what mypy forbids is what is tested


def test_a_segmentation_is_named_or_the_default_one_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTATION", "stores")
    assert read_settings(SegmentationSettings).segmentation == "stores"

    monkeypatch.setenv("SEGMENTATION", "")
    assert read_settings(SegmentationSettings).segmentation == "dtc_personas"


def test_the_setting_of_earlier_versions_is_refused_with_the_one_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_CATALOGUE", "some/personas.yaml")
    with pytest.raises(SettingsError, match=r"PERSONA_CATALOGUE is set.*SEGMENTATION takes its place"):
        read_settings(SegmentationSettings)
