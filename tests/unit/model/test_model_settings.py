import pytest
from dtc_data.core import SettingsError, read_settings
from dtc_model.settings import GateSettings, MlflowSettings, PromotionSettings, TrainingSettings
from pydantic_settings import BaseSettings


def test_without_any_setting_a_sweep_tries_two_to_ten_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "TRAIN_K",
        "TRAIN_K_MIN",
        "TRAIN_K_MAX",
        "TRAIN_SEED",
        "TRAIN_N_INIT",
        "TRAIN_BOOTSTRAPS",
        "TRAIN_COMPLETE_SHARE",
    ):
        monkeypatch.delenv(name, raising=False)
    settings = read_settings(TrainingSettings)
    assert (settings.k_min, settings.k_max, settings.seed, settings.n_init) == (2, 10, 42, 10)
    assert (settings.k, settings.bootstraps, settings.complete_share) == (None, 20, 0.2)


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAIN_K_MAX", "5")
    monkeypatch.setenv("TRAIN_SEED", "")  # as good as unset
    settings = read_settings(TrainingSettings)
    assert (settings.k_max, settings.seed) == (5, 42)


@pytest.mark.parametrize(
    ("name", "value"),
    [("TRAIN_K_MIN", "1"), ("TRAIN_K_MIN", "11"), ("TRAIN_K_MAX", "x"), ("TRAIN_SEED", "-1"), ("TRAIN_N_INIT", "0")],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings(TrainingSettings)


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        (TrainingSettings, "TRAIN_K", "1"),
        (TrainingSettings, "TRAIN_BOOTSTRAPS", "0"),
        (TrainingSettings, "TRAIN_COMPLETE_SHARE", "0"),
        (TrainingSettings, "TRAIN_COMPLETE_SHARE", "20"),
        (GateSettings, "GATE_MOVED", "nan"),
        (GateSettings, "GATE_RELABELLED_SHARE", "20"),
        (GateSettings, "GATE_STABILITY", "1.1"),
        (PromotionSettings, "PROMOTION", "perhaps"),
    ],
)
def test_a_wrong_limit_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: type[BaseSettings], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings(settings)


def test_the_pipeline_promotes_unless_people_want_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMOTION", "")
    assert read_settings(PromotionSettings).promotion == "auto"


@pytest.mark.parametrize("value", [None, "", "127.0.0.1:5050", "sqlite:///mlflow.db", "file:///tmp", "http://"])
def test_the_address_of_mlflow_is_demanded_and_checked(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    if value is not None:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", value)
    with pytest.raises(SettingsError, match="MLFLOW_TRACKING_URI"):
        read_settings(MlflowSettings)


def test_the_address_of_mlflow_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5050")
    assert read_settings(MlflowSettings).tracking_uri == "http://127.0.0.1:5050"
