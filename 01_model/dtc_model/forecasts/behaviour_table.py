"""Behaviour of customers: windowed features at cutoffs, with who left in the horizon after each."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import numpy as np
import pandas as pd
from dtc_data.transactions import BehaviourLines, FeatureConfig

from dtc_model.forecasts.feature_file import FeatureFile
from dtc_model.prediction import STEP_DAYS, Eligible, LabelledTable, TableMaker

_DAY: Final = timedelta(days=1)


def behaviour_feature_table(  # noqa: PLR0913 - options with defaults, by keyword
    lines: pd.DataFrame | BehaviourLines,
    config: FeatureConfig,
    *,
    horizon_days: int,
    now: pd.Timestamp | None = None,
    step_days: int = STEP_DAYS,
    eligible: Eligible = "ever",
    source: str = "",
    report_progress: Callable[[str], None] = lambda _: None,
) -> FeatureFile:
    """Return the features at all cutoffs that have matured, with their labels, and those of now, without.

    A label is what was known when its horizon had just passed: corrections that arrived later change nothing, since whoever
    trains at the next cutoff cannot know of them.

    Parameters
    ----------
    lines : DataFrame or BehaviourLines
        As `dtc_data.transactions.read_lines` returns them.
    config : FeatureConfig
        Which features.
    horizon_days, step_days, eligible
        As for `dtc_model.prediction.backtest`.
    now : Timestamp, optional
        Nothing later is used; by default the end of the day of the last line.
    source : str
        Digest of the file of the lines.
    report_progress : callable
        Called with a line of text per cutoff.

    Raises
    ------
    ForecastError
        If no cutoff has matured.
    """
    maker = TableMaker(lines, horizon_days, eligible, config)
    moment = now if now is not None else maker.lines.last_moment.floor("D") + _DAY
    split = maker.split_before(moment, step_days=step_days, most=None)
    frames = []
    for cutoff in split.train:
        table = maker.table(cutoff, known_at=cutoff + timedelta(days=horizon_days))
        frames.append(_rows(table))
        report_progress(f"{cutoff:%Y-%m-%d}: {len(table):,} customers, of whom {table.left.mean():.1%} left")
    newest = maker.newest(moment)
    unknown = pd.array([None] * len(newest), dtype="boolean")
    frames.append(newest.assign(cutoff=moment, left=unknown, amount_after=np.nan))
    report_progress(f"{moment:%Y-%m-%d}: {len(newest):,} customers to be forecast")
    return FeatureFile(
        kind="behaviour",
        frame=pd.concat(frames, ignore_index=True)[list(frames[0])],
        horizon_days=horizon_days,
        now=moment.isoformat(),
        recipe=maker.recipe_at(moment),
        source=source,
    )


def _rows(table: LabelledTable) -> pd.DataFrame:
    head = pd.DataFrame(
        {
            "customer_id": table.customer_ids.astype(str),
            "cutoff": table.cutoffs,
            "left": pd.array(table.left, dtype="boolean"),
            "amount_after": table.amounts,
        }
    )
    return pd.concat([head, table.features], axis=1)
