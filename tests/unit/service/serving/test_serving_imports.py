import subprocess
import sys

HEAVY = (
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


def test_a_process_that_serves_does_not_import_what_serving_does_not_need() -> None:
    program = (
        "import sys, dtc_service.http.app\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])\n"
        "import threading; print(threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy, threads = done.stdout.splitlines()
    assert heavy == ""
    assert threads == "1"
