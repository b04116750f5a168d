"""What customers did before a cutoff, as windowed features: one function for training, serving and files."""

from collections.abc import Sequence

import pandas as pd

from dtc_data.transactions.behaviour.behaviour_definitions import WINDOWS, FeatureSet, feature_definitions
from dtc_data.transactions.behaviour.behaviour_lines import BehaviourLines
from dtc_data.transactions.cutoffs import Cutoff, moment_of

Moment = Cutoff
"""A moment; of a wave its end, and without a zone in UTC."""


def behaviour_features(
    lines: pd.DataFrame | BehaviourLines,
    as_of: Moment,
    sets: FeatureSet = "advanced",
    *,
    windows: Sequence[int] = WINDOWS,
    history_from: Moment | None = None,
) -> pd.DataFrame:
    """Return the features of everybody who bought before a cutoff.

    Only lines that were ordered and had arrived before the cutoff count, and of others' lines nothing does. What the
    features are stands in `feature_definitions`. A window that reaches back further than the history is missing, not 0.

    Parameters
    ----------
    lines : DataFrame or BehaviourLines
        As `dtc_data.transactions.read_lines` returns them, in any order. For several cutoffs make `BehaviourLines` of them
        first, so that they are checked and coded once.
    as_of : Wave, datetime, date or str
        The cutoff.
    sets : {"advanced", "basic"}
        The basic features, or these and the advanced ones.
    windows : sequence of int
        Days before the cutoff, of `WINDOWS`.
    history_from : Wave, datetime, date or str, optional
        Since when the lines cover everything, so that a customer who came later is known not to have bought before. By
        default a customer's history begins with the first order, and longer windows are missing.

    Returns
    -------
    DataFrame
        One row per customer, by customer_id, and a column of floats for each feature, NaN where it is missing.

    Raises
    ------
    SettingsError
        If a set, a window or a moment is unknown.
    TransactionsError
        If the lines lack a column, or hold something else in it.
    """
    definitions = feature_definitions(sets, windows)
    coded = lines if isinstance(lines, BehaviourLines) else BehaviourLines(lines)
    return coded.compute(definitions, timestamp_of(as_of), None if history_from is None else timestamp_of(history_from))


def timestamp_of(moment: Moment) -> pd.Timestamp:
    """Return a moment as pandas has it, in UTC; errors as `dtc_data.transactions.cutoffs.moment_of`."""
    return pd.Timestamp(moment_of(moment))
