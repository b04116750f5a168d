"""From one wave of customers to the next, one cause at a time: what each would be if only that much had happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import pandas as pd
from sqlalchemy import Engine

from dtc_data.core import Wave
from dtc_data.tables import transaction
from dtc_data.transactions.cutoffs import LOOKBACK_DAYS, checked_lookback
from dtc_data.transactions.line_database import line_database
from dtc_data.transactions.month_waves import lines_file, months_between
from dtc_data.transactions.wave_features import customer_features, customer_waves

CAUSES: Final = {
    "aged": "nothing changed but time",
    "left": "an order left the window",
    "returned": "returned goods",
    "late": "lines came late or were corrected",
    "bought": "bought",
}
"""What can happen between two waves, in the order in which it is let happen, and in words."""


@dataclass(frozen=True, eq=False)
class WaveSteps:
    """Features of customers between two waves, after each cause: the last are those of the later wave."""

    before: Wave
    after: Wave
    steps: Mapping[str, pd.DataFrame]
    """By cause of `CAUSES`, features by customer_id. Who is missing has no purchase in the window."""


def steps_between_waves(engine: Engine, first: Wave, last: Wave, lookback_days: int = LOOKBACK_DAYS) -> list[WaveSteps]:
    """Return the steps from each month's end to the next, out of the transactions table.

    Time passes first: recency grows, and then old orders leave the window. Then what was known to be returned counts, then
    lines of the time before that came late or corrected others, and at last what was bought. The order is a choice: who
    moved back by a purchase what time had moved, did not move.

    Parameters
    ----------
    engine : Engine
        Of the customer database.
    first, last : Wave
    lookback_days : int

    Raises
    ------
    SettingsError
        If the months are in the wrong order, or there is no lookback.
    TransactionsError
        If no file was ingested yet.
    """
    lookback, waves = timedelta(days=checked_lookback(lookback_days)), months_between(first, last)
    with transaction(engine) as connection, lines_file(connection, first.end - lookback, last.end) as path:
        made = customer_waves(path, waves, lookback_days)
        features = {wave: _indexed(made[made["cutoff"] == wave.end].drop(columns="cutoff")) for wave in waves}
        return [
            WaveSteps(before, after, _steps(path, (before, after), features, lookback_days))
            for before, after in pairwise(waves)
        ]


def _steps(
    path: Path, waves: tuple[Wave, Wave], features: Mapping[Wave, pd.DataFrame], lookback_days: int
) -> dict[str, pd.DataFrame]:
    before, after = waves
    aged = features[before]
    days = (after.end - before.end) / timedelta(days=1)
    known = f"arrived_at < '{before.end.isoformat()}' AND ordered_at < '{before.end.isoformat()}'"
    returned = f"({known}) OR kind = 'cancellation'"
    conditions = {
        "left": known,
        "returned": returned,
        "late": f"({returned}) OR ordered_at < '{before.end.isoformat()}'",
    }
    return {
        "aged": aged.assign(recency_days=aged["recency_days"] + days),
        **_under_conditions(path, conditions, after, lookback_days),
        "bought": features[after],
    }


def _under_conditions(
    path: Path, conditions: Mapping[str, str], as_of: Wave, lookback_days: int
) -> dict[str, pd.DataFrame]:
    """Return features of the lines that meet each condition; each takes in the one before, most often with no line more."""
    steps: dict[str, pd.DataFrame] = {}
    n_lines, latest = -1, pd.DataFrame()
    chosen = path.with_name("chosen.parquet")
    for cause, condition in conditions.items():
        with line_database() as database:
            visible = f"arrived_at < '{as_of.end.isoformat()}' AND ordered_at < '{as_of.end.isoformat()}'"
            lines = database.read_parquet(str(path)).filter(visible).filter(condition)
            ((n_now,),) = lines.aggregate("count(*)").fetchall()
            if n_now != n_lines:
                lines.write_parquet(str(chosen))
        if n_now != n_lines:
            n_lines, latest = n_now, _indexed(customer_features(chosen, as_of, lookback_days))
        steps[cause] = latest
    chosen.unlink()
    return steps


def _indexed(features: pd.DataFrame) -> pd.DataFrame:
    return features.set_index("customer_id")
