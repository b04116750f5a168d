"""The segment of customers as of any moment, by the rule of their segmentation on what was known then."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from dtc_data.catalogue import Catalogue
from dtc_data.core import SettingsError
from dtc_data.transactions import BehaviourLines, customer_features

from dtc_model.rule import SegmentModel


class CustomerSegments:
    """Gives segments as of moments; each moment is asked for once.

    Before the lines cover a whole lookback nobody has one: the rule would see a part of what customers bought.

    Parameters
    ----------
    lines : BehaviourLines
        What customers bought.
    catalogue : Catalogue
        Of customers by their transactions.
    model : SegmentModel, optional
        The rule in force; the catalogue's own if not given.

    Raises
    ------
    SettingsError
        If the catalogue is of something else.
    """

    def __init__(self, lines: BehaviourLines, catalogue: Catalogue, model: SegmentModel | None = None) -> None:
        if catalogue.transactions is None:
            raise SettingsError(f"{catalogue.name!r} is not a segmentation of customers by their transactions")
        self._lines = lines
        self._model = SegmentModel.from_catalogue(catalogue) if model is None else model
        self._lookback_days = catalogue.transactions.lookback_days
        self._fewest_answered = catalogue.missing_answers.minimum_answered
        self._known: dict[pd.Timestamp, pd.Series[Any]] = {}

    def __call__(self, moment: pd.Timestamp) -> "pd.Series[Any]":
        """Return the name of the segment of whoever has one, by customer_id."""
        if moment not in self._known:
            self._known[moment] = self._segments(moment)
        return self._known[moment]

    def _segments(self, moment: pd.Timestamp) -> "pd.Series[Any]":
        first = self._lines.first_known_at(moment)
        if first is None or moment - timedelta(days=self._lookback_days) < first.floor("D"):
            return pd.Series([], index=pd.Index([], dtype=object), dtype=object)
        customers = customer_features(self._lines.table, moment, self._lookback_days)
        answers = customers[list(self._model.feature_names)].to_numpy(dtype=np.float64)
        positions = self._model.nearest(answers, self._fewest_answered)
        has_one = positions >= 0
        names = np.array(self._model.segment_names, dtype=object)[positions[has_one]]
        return pd.Series(names, index=pd.Index(customers["customer_id"][has_one].astype(str)), dtype=object)
