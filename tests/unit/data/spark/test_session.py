"""Where Spark cannot run, that is said with the way out."""

import subprocess
import sys

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


def test_the_facade_of_stores_imports_neither_spark_nor_duckdb_until_they_run() -> None:
    code = "import sys, dtc_data.stores as s; s.store_features, s.read_retail; print({'pyspark', 'duckdb'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "set()\n"
