"""Where Spark cannot run, that is said with the way out."""

import pytest
from dtc_data.core import SettingsError
from dtc_data.spark import session, spark_session


def test_without_pyspark_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"PySpark is not installed: make test_spark"), spark_session():
        pass


def test_without_java_the_message_says_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda _: object())
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(SettingsError, match=r"install Java 17, or say where it is with JAVA_HOME"), spark_session():
        pass
