"""A process that begins a step of a run and never ends it."""

import time
from pathlib import Path
from typing import Any

from dtc_data.core import PostgresSettings
from dtc_data.tables import make_engine, once


def begin_and_stay(settings: PostgresSettings, run_id: str, step: str, begun: Path) -> None:
    """Begin a step, say so by a file, and stay in it."""

    def work() -> dict[str, Any]:
        begun.touch()
        time.sleep(600)
        return {}

    once(make_engine(settings), run_id, step, work)
