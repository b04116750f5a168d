"""What stays small: processes that import only what they need."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration

SERVING = (
    "pandas",
    "sklearn",
    "scipy",
    "mlflow",
    "matplotlib",
    "sqlalchemy",
    "evidently",
    "mage_ai",
    "pyarrow",
    "requests",
)
REGISTRY = ("mlflow", "pandas", "sklearn", "scipy", "matplotlib")
MONITORING = ("evidently", "mlflow", "pandas", "scipy", "sklearn", "telegram")


def loaded(program: str, libraries: tuple[str, ...]) -> list[str]:
    """Name the libraries that a program has loaded when it ends."""
    code = f"{program}\nimport sys; print(*[name for name in {libraries!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_a_process_that_serves_has_what_serving_needs_and_no_thread_yet() -> None:
    assert loaded("import dtc_service.http.app", SERVING) == []
    program = "import threading, dtc_service.http.app; print(threading.active_count())"
    assert loaded(program, ()) == ["1"]


def test_reading_the_registry_needs_none_of_the_heavy_libraries() -> None:
    assert loaded("import dtc_model.registry.registry_reader, dtc_model.settings", REGISTRY) == []


def test_importing_the_monitoring_room_does_not_load_what_only_a_check_needs() -> None:
    assert loaded("import dtc_monitoring.settings, dtc_monitoring.checks.stored_checks", MONITORING) == []


def test_the_facade_of_stores_loads_neither_spark_nor_duckdb_until_they_run() -> None:
    program = "import dtc_data.stores as s; s.store_features, s.read_retail"
    assert loaded(program, ("pyspark", "duckdb")) == []
