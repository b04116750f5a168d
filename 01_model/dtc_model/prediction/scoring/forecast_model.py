"""A forecast: what is likely to happen to a customer within the horizon, by features as of a cutoff.

Needs NumPy and pydantic only: the service, files and the registry all score by this one rule.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from dtc_model.errors import ForecastError
from dtc_model.prediction.scoring.forecast_document import (
    ForecastDocument,
    ForecastFeature,
    LinearEntry,
    read_forecast,
    write_forecast,
)
from dtc_model.prediction.scoring.reasons import Reason, reason_for
from dtc_model.prediction.scoring.scorers import LinearScorer, Scorer, TreeScorer
from dtc_model.rule import FloatArray

Target = Literal["leaves", "amount", "segment"]
Link = Literal["logistic", "softmax", "exp"]

_WINDOW: Final = re.compile(r"_\d+d$")


@dataclass(frozen=True, eq=False)
class ForecastModel:
    """A scorer with the names of what it takes and gives."""

    target: Target
    candidate: str
    horizon_days: int
    features: tuple[ForecastFeature, ...]
    link: Link
    classes: tuple[str, ...]
    shifts: FloatArray
    """Added to the scores, ``(n_scores,)``."""
    scorer: Scorer
    threshold: float | None = None
    """Probability from which on a person acts."""
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in their order."""
        return tuple(feature.name for feature in self.features)

    def predict(self, rows: npt.ArrayLike) -> FloatArray:
        """Return what is forecast for each customer.

        Parameters
        ----------
        rows : array_like of shape (n_customers, n_features)
            In the order of the features; NaN where one is missing.

        Returns
        -------
        ndarray
            Probabilities of leaving, or amounts, ``(n_customers,)``; of segments probabilities ``(n_customers, n_classes)``.

        Raises
        ------
        ForecastError
            If the shape is another one, or a value is infinite.
        """
        scores = self.scorer.scores(self._checked(rows)) + self.shifts
        if self.link == "softmax":
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares: FloatArray = odds / odds.sum(axis=1, keepdims=True)
            return shares
        single = scores[:, 0]
        with np.errstate(over="ignore"):  # what overflows is a probability of 0
            found: FloatArray = np.exp(single) if self.link == "exp" else 1 / (1 + np.exp(-single))
        return found

    def predict_frame(self, frame: Any) -> FloatArray:
        """Return `predict` for the columns of a data frame that have the names of the features, in any order.

        Raises
        ------
        ForecastError
            If a feature is missing; the message names it.
        """
        if missing := [name for name in self.feature_names if name not in frame.columns]:
            raise ForecastError(
                f"the customers lack the features {', '.join(missing)}, from which {self.candidate} forecasts"
            )
        return self.predict(frame[list(self.feature_names)].to_numpy(dtype=np.float64))

    def reasons(self, rows: npt.ArrayLike, count: int = 3) -> list[tuple[Reason, ...]]:
        """Return for each customer what moves the forecast most beside that of a typical customer, the strongest first.

        Of one measure over several windows only the strongest is a reason.
        """
        checked = self._checked(rows)
        contributions = self.scorer.contributions(checked)
        return [self._reasons_of(row, effects, count) for row, effects in zip(checked, contributions, strict=True)]

    def _reasons_of(self, row: FloatArray, effects: FloatArray, count: int) -> tuple[Reason, ...]:
        chosen: dict[str, Reason] = {}
        for position in np.argsort(-np.abs(effects), kind="stable"):
            if len(chosen) == count or effects[position] == 0:
                break
            feature = self.features[position]
            reason = reason_for(feature, float(row[position]), float(effects[position]))
            chosen.setdefault(measure_of(feature.name), reason)
        return tuple(chosen.values())

    def with_threshold(self, threshold: float) -> Self:
        """Return the same forecast with another threshold."""
        return replace(self, threshold=threshold)

    def to_json(self) -> str:
        """Return the forecast as the text of a document that holds no code."""
        return write_forecast(
            ForecastDocument(
                target=self.target,
                candidate=self.candidate,
                horizon_days=self.horizon_days,
                features=list(self.features),
                link=self.link,
                classes=list(self.classes),
                shifts=self.shifts.tolist(),
                scorer=self.scorer.to_entry(),
                threshold=self.threshold,
                provenance=dict(self.provenance),
            )
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the forecast that a document holds.

        Raises
        ------
        ModelBrokenError
            If the text is not such a document.
        """
        document = read_forecast(text)
        entry = document.scorer
        return cls(
            target=document.target,
            candidate=document.candidate,
            horizon_days=document.horizon_days,
            features=tuple(document.features),
            link=document.link,
            classes=tuple(document.classes),
            shifts=np.array(document.shifts),
            scorer=LinearScorer.from_entry(entry) if isinstance(entry, LinearEntry) else TreeScorer.from_entry(entry),
            threshold=document.threshold,
            provenance=document.provenance,
        )

    def _checked(self, rows: npt.ArrayLike) -> FloatArray:
        checked = np.asarray(rows, dtype=np.float64)
        if checked.ndim != 2 or checked.shape[1] != len(self.features):  # noqa: PLR2004 - customers and features
            raise ForecastError(f"the rows have the shape {checked.shape}, but there are {len(self.features)} features")
        if np.isinf(checked).any():
            row, column = np.argwhere(np.isinf(checked))[0]
            raise ForecastError(f"row {row} has an infinite {self.feature_names[column]!r}")
        return checked


def measure_of(name: str) -> str:
    """Return what a feature measures, whatever its window: ``orders_30d`` and ``orders_90d`` both measure orders."""
    return _WINDOW.sub("", name)
