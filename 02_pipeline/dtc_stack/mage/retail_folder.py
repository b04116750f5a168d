"""Where a retailer's tables lie out of which a run makes waves of stores."""

from pathlib import Path

from dtc_data.core import read_settings

from dtc_stack.settings import StateSettings


def store_tables() -> Path:
    """Return where the tables lie, as `make run_stores` and `make ingest_retail` write them."""
    return read_settings(StateSettings).state_folder / "stores" / "tables"
