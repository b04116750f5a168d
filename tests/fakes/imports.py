"""What a command imports when a person types it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

HEAVY = frozenset(
    {
        "duckdb",
        "evidently",
        "fastapi",
        "flask",
        "mage_ai",
        "matplotlib",
        "mlflow",
        "pandas",
        "scipy",
        "sklearn",
        "sqlalchemy",
        "telegram",
    }
)
"""Libraries that take a tenth of a second or more to import."""

_PROGRAM = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    run, name = (runpy.run_path, sys.argv[0]) if sys.argv[0].endswith(".py") else (runpy.run_module, sys.argv[0])
    run(name, run_name="__main__")
except SystemExit as end:
    code = end.code
print("imported", *sorted(set(sys.modules) & set({heavy!r})))
sys.exit(code)
"""


def imported_by(
    *command: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[set[str], str]:
    """Run a script or a module to its end, and return which heavy libraries it imported and what it printed."""
    program = _PROGRAM.format(heavy=sorted(HEAVY))
    done = subprocess.run(
        [sys.executable, "-c", program, *command],
        env=os.environ | (environment or {}),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said, _, imported = done.stdout.rpartition("imported")
    return set(imported.split()), said
