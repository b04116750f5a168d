"""Where a retailer's tables lie out of which a run makes waves of stores."""

from pathlib import Path
from typing import Final

from dtc_data.core import read_settings

from dtc_stack.settings import StateSettings

STORES_FOLDER: Final = "stores"
"""What a job on stores leaves, and the tables, below the folder of a stack's state; a run in containers finds it mounted."""


def store_tables(state_folder: Path | None = None) -> Path:
    """Return where the tables lie, as `make run_stores` writes them, below the folder of a stack's state; the settings name it."""
    return (state_folder or read_settings(StateSettings).state_folder) / STORES_FOLDER / "tables"
