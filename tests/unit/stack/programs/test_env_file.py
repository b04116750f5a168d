"""The `.env` file is written once, with secrets of its own, and checked."""

import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values
from dtc_data.core import SettingsError
from dtc_stack.programs import env_file
from dtc_stack.settings import PROJECT_FOLDER, check_all_settings

EXAMPLE = PROJECT_FOLDER / ".env.example"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    target = tmp_path / ".env"
    assert env_file.write_if_absent(EXAMPLE, target)
    return target


def test_every_generated_secret_is_random_and_long(written: Path, tmp_path: Path) -> None:
    env_file.write_if_absent(EXAMPLE, tmp_path / "other.env")
    first, second = dotenv_values(written), dotenv_values(tmp_path / "other.env")
    wanted = env_file.generated_secrets()
    assert {"POSTGRES_PASSWORD", "MAGE_OWNER_PASSWORD"} <= wanted
    for name in wanted:
        assert len(first[name] or "") >= 32
        assert first[name] != second[name]
    assert len({first[name] for name in wanted}) == len(wanted)


def test_only_the_owner_may_read_it(written: Path) -> None:
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_an_existing_file_is_left_as_it_is(written: Path) -> None:
    written.write_text("POSTGRES_PASSWORD=mine\n")
    assert not env_file.write_if_absent(EXAMPLE, written)
    assert written.read_text() == "POSTGRES_PASSWORD=mine\n"


def test_no_draft_is_left_beside_it(written: Path) -> None:
    assert [path.name for path in written.parent.iterdir()] == [".env"]


def test_the_example_satisfies_every_settings_class(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in env_file.known_names():
        monkeypatch.delenv(name, raising=False)
    for name, value in dotenv_values(written).items():
        monkeypatch.setenv(name, value or "")
    env_file.check_names(written)
    check_all_settings()


def test_the_example_holds_no_secret() -> None:
    example = dotenv_values(EXAMPLE)
    assert [name for name in env_file.generated_secrets() | {"BOT_TOKEN"} if example[name]] == []


def test_every_setting_is_in_the_example() -> None:
    assert env_file.known_names() == dotenv_values(EXAMPLE).keys()


def test_the_issue_s_keys_are_in_the_example() -> None:
    cloud = {"GOOGLE_CLOUD_PROJECT", "GCP_REGION", "GCS_BUCKET_NAME"}
    database = {f"POSTGRES_{part}" for part in ("USER", "PASSWORD", "DBNAME", "HOST", "PORT")}
    telegram = {"BOT_TOKEN", "CHAT_ID", "MESSAGE_DRIFT", "MESSAGE_NODRIFT"}
    assert cloud | database | telegram <= dotenv_values(EXAMPLE).keys()


def test_a_misspelt_setting_is_named_with_the_likely_one(written: Path) -> None:
    written.write_text(written.read_text() + "POSTGRESS_PORT=1\n")
    with pytest.raises(SettingsError, match=r"POSTGRESS_PORT\. Did you mean POSTGRES_PORT\?"):
        env_file.check_names(written)


def test_a_setting_of_an_earlier_version_is_named_with_what_took_its_place(written: Path) -> None:
    written.write_text(written.read_text() + "DRIFT_WEIGHT_COLUMN=weight\n")
    with pytest.raises(SettingsError, match=r"DRIFT_WEIGHT_COLUMN\. Delete the line; the catalogue names the column"):
        env_file.check_names(written)


def test_access_of_other_users_is_taken_away(written: Path) -> None:
    written.chmod(0o644)
    env_file.protect(written)
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
