"""Customers of a flat table: their numbers as they are, and products and ratios of them that a configuration names."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from dtc_data.core import SettingsError

from dtc_model.forecasts.feature_file import HEADS, FeatureFile

_INTERACTION: Final = re.compile(r"^\s*(?P<left>.+?)\s+(?P<sign>[*/])\s+(?P<right>.+?)\s*$")


def flat_feature_table(customers: pd.DataFrame, interactions: Sequence[str] = (), source: str = "") -> FeatureFile:
    """Return the features of a flat table.

    Parameters
    ----------
    customers : DataFrame
        As `dtc_data.customers.preprocess_customers` makes them.
    interactions : sequence of str
        Further features, each a product or ratio of two columns, such as ``MonthlyCharges * tenure``; a ratio to 0 is missing.
    source : str
        Digest of the file of the customers.

    Raises
    ------
    SettingsError
        If the columns of a flat table are missing, or an interaction is not written so.
    """
    if missing := [name for name in HEADS["flat"] if name not in customers.columns]:
        raise SettingsError(f"the customers lack the columns {', '.join(missing)}: make them with preprocess.py")
    made = [_interaction(customers, words) for words in interactions]
    frame = pd.concat([customers.assign(left=customers["left"].astype("boolean")), *made], axis=1)
    return FeatureFile(kind="flat", frame=frame, source=source)


def _interaction(customers: pd.DataFrame, words: str) -> "pd.Series[float]":
    found = _INTERACTION.match(words)
    if found is None:
        raise SettingsError(f"the interaction {words!r} is not written like 'a * b' or 'a / b'")
    if unknown := [found[side] for side in ("left", "right") if found[side] not in customers.columns]:
        raise SettingsError(f"the interaction {words!r} names {unknown[0]!r}, which is not a column of these customers")
    first, second = (customers[found[side]].to_numpy(dtype=float) for side in ("left", "right"))
    with np.errstate(divide="ignore", invalid="ignore"):
        values = first * second if found["sign"] == "*" else np.where(second == 0, np.nan, first / second)
    return pd.Series(values, index=customers.index, name=f"{found['left']} {found['sign']} {found['right']}")
