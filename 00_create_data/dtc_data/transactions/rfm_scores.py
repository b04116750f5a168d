"""Scores from 1 to 5 for recency, frequency and monetary value, by cut points that are cut once and then stay."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dtc_data.core import TransactionsError

SCORES: Final = 5
"""The best score; the worst is 1."""

_COLUMNS: Final = {"recency": "recency_days", "frequency": "frequency", "monetary": "monetary"}

Cuts = Annotated[tuple[float, ...], Field(min_length=SCORES - 1, max_length=SCORES - 1)]


class RfmScores(BaseModel):
    """Cut points, four for each figure, in its unit and not falling.

    A value gets one point more for each cut point that it exceeds (of recency: one less), so that equal values always get
    equal scores and a later wave is scored like the first one. Kept as JSON by ``model_dump_json``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recency: Cuts
    """In days."""
    frequency: Cuts
    """In orders."""
    monetary: Cuts
    """In the currency of the lines."""
    cut_as_of: datetime | None = None
    """Cutoff of the features that were cut."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in _COLUMNS:
            if not np.all(np.diff(getattr(self, name)) >= 0):
                raise ValueError(f"{name}: cut points must not fall")
        return self

    def score(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return the scores of customers.

        Parameters
        ----------
        features : DataFrame
            As `dtc_data.transactions.customer_features` returns them.

        Returns
        -------
        DataFrame
            Columns customer_id, recency_score, frequency_score and monetary_score (1 to 5, 5 is best), and rfm, the three
            in one text such as ``555``.

        Raises
        ------
        TransactionsError
            If the features lack one of the three figures.
        """
        scores = {}
        for name, column in _COLUMNS.items():
            exceeded = np.searchsorted(getattr(self, name), _values(features, column), side="left")
            scores[f"{name}_score"] = SCORES - exceeded if name == "recency" else 1 + exceeded
        frame = pd.DataFrame(scores, index=features.index)
        text = frame.astype(str).agg("".join, axis="columns") if len(frame) else pd.Series(dtype=str)
        frame.insert(0, "customer_id", features["customer_id"])
        return frame.assign(rfm=text)


def cut_points(features: pd.DataFrame, cut_as_of: datetime | None = None) -> RfmScores:
    """Cut recency, frequency and monetary value into fifths of the customers of one wave.

    Where many customers share a value, such as a single order, they stay together and some scores remain empty.

    Parameters
    ----------
    features : DataFrame
        Of the reference wave, as `dtc_data.transactions.customer_features` returns them.
    cut_as_of : datetime, optional
        Their cutoff, to be kept with the cut points.

    Raises
    ------
    TransactionsError
        If the features lack one of the three figures, or there is no customer.
    """
    if features.empty:
        raise TransactionsError("there are no customers to cut into fifths")
    shares = np.arange(1, SCORES) / SCORES
    cuts = {
        name: tuple(np.quantile(_values(features, column), shares, method="inverted_cdf").tolist())
        for name, column in _COLUMNS.items()
    }
    return RfmScores(**cuts, cut_as_of=cut_as_of)


def frozen_cut_points(path: Path, features: pd.DataFrame, cut_as_of: datetime) -> tuple[RfmScores, bool]:
    """Return the cut points of a file, and whether they were only cut now, on these features, and kept there.

    Raises
    ------
    TransactionsError
        If the file holds no cut points, or cannot be written.
    """
    try:
        if path.exists():
            return RfmScores.model_validate_json(path.read_bytes()), False
        points = cut_points(features, cut_as_of)
        path.write_text(points.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except ValidationError as error:
        raise TransactionsError(f"{path}: it holds no valid cut points ({error}); name another file") from error
    except OSError as error:
        raise TransactionsError(f"{path}: the cut points cannot be kept: {error.strerror}") from error
    return points, True


def _values(features: pd.DataFrame, column: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    if column not in features:
        raise TransactionsError(f"the features come without {column}; customer_features returns it")
    values: np.ndarray[tuple[int], np.dtype[np.float64]] = features[column].to_numpy(dtype=np.float64)
    return values
