"""The answers of a wave as the drift check takes them: checked, as numbers or codes, with the units' weights."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data import Catalogue, Feature
from dtc_data.catalogue import answer_matrix
from dtc_data.core import AnswersError

from dtc_monitoring.errors import DriftCheckError

FloatArray = npt.NDArray[np.float64]

"""Answers beyond a feature's range are compared all the same, as far as distances stay exact."""


@dataclass(frozen=True, eq=False)
class WaveAnswers:
    """One wave, checked."""

    values: FloatArray
    """Answers in their own unit, categories as codes, NaN where one is missing, ``(n_units, n_features)``."""
    weights: FloatArray | None = None
    """How many respondents each one stands for, 1 on average, ``(n_units,)``; None if all count alike."""
    labelled: npt.NDArray[np.bool_] | None = None
    """Who gave enough answers for a segment, ``(n_units,)``; None if everybody did. Only they count in the shares, as everywhere."""

    def __len__(self) -> int:
        """Count the respondents."""
        return len(self.values)

    @property
    def effective_size(self) -> float:
        """Number of equally weighted respondents that would tell as much."""
        return float(len(self)) if self.weights is None else effective_size(self.weights)

    @property
    def weight_of_each(self) -> FloatArray:
        """Return the weights, ones if all count alike, ``(n_units,)``."""
        return np.ones(len(self)) if self.weights is None else self.weights

    def evenly(self, most: int) -> "WaveAnswers":
        """Take at most so many respondents, evenly spread over the rows."""
        rows = slice(None, None, -(-len(self.values) // most))
        weights = None if self.weights is None else self.weights[rows]
        labelled = None if self.labelled is None else self.labelled[rows]
        return WaveAnswers(self.values[rows], None if weights is None else weights / weights.mean(), labelled)

    def given(self, feature: int) -> tuple[FloatArray, FloatArray | None]:
        """Return the answers of one feature that are not missing, and the weights of those who gave them, ``(n_answers,)``."""
        column: FloatArray = self.values[:, feature]
        rows = ~np.isnan(column)
        return column[rows], None if self.weights is None else self.weights[rows]


def effective_size(weights: FloatArray) -> float:
    """Return the number of equally weighted respondents that would tell as much as those with weights ``(n_units,)``.

    By L. Kish, Survey Sampling (1965), section 11.7.
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def check_answers(frame: pd.DataFrame, catalogue: Catalogue, wave: str) -> WaveAnswers:
    """Take the catalogue's features out of a frame, or say why they cannot be compared.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent. Whoever has the weight 0 is left out.
    catalogue : Catalogue
        Names the features and the column with the weights; without that column all respondents count alike.
    wave : str
        ``reference`` or ``current``, for messages.

    Raises
    ------
    DriftCheckError
        If the wave is empty, a column is missing or there twice, or holds something that is not a finite number or too large, or a
        weight is missing or below 0, or all are 0; the message names the wave and the column.
    """
    if frame.empty:
        raise DriftCheckError(f"the {wave} wave holds no {catalogue.words.units}, so it cannot be compared")
    if missing := [name for name in catalogue.feature_names if name not in frame.columns]:
        raise DriftCheckError(f"the {wave} wave lacks the columns {', '.join(missing)} of the catalogue")
    weight = catalogue.weight_column if catalogue.weight_column in frame.columns else None
    names = [*catalogue.feature_names, *([weight] if weight else [])]
    if twice := [name for name in names if list(frame.columns).count(name) > 1]:
        raise DriftCheckError(f"column {twice[0]!r} of the {wave} wave is there twice")
    weights = _checked_weights(frame[weight], wave, catalogue.words.units) if weight else None
    if weights is not None:
        frame, weights = frame[weights > 0], weights[weights > 0]
    values = np.empty((len(frame), len(catalogue.feature_names)))
    for position, feature in enumerate(catalogue.features):
        codes = _codes(frame[feature.name], feature, wave) if feature.in_words else frame[feature.name]
        numbers, largest = _numbers(codes, feature.name, wave)
        if np.isnan(largest):
            raise DriftCheckError(f"{_where(feature.name, wave)} holds no answers at all, so it cannot be compared")
        low, high = feature.computable
        if largest > high or np.fmin.reduce(numbers) < low:
            what = (
                "too large to be compared" if largest > high else f"below {low:g}, which its transformation cannot take"
            )
            raise DriftCheckError(f"{_where(feature.name, wave)} holds an answer that is {what}")
        values[:, position] = numbers
    alike = weights is None or weights.min() == weights.max()
    return WaveAnswers(
        values, None if weights is None or alike else weights / weights.mean(), _labelled(values, catalogue)
    )


def _labelled(values: FloatArray, catalogue: Catalogue) -> npt.NDArray[np.bool_] | None:
    """Return who gets a segment by the catalogue's rule on missing answers; None if everybody does, or it has none."""
    fewest = catalogue.missing_answers.minimum_answered
    if fewest is None:
        return None
    labelled: npt.NDArray[np.bool_] = (~np.isnan(values)).sum(axis=1) >= fewest
    return None if labelled.all() else labelled


def _codes(column: pd.Series, feature: Feature, wave: str) -> pd.Series:
    """Return the codes of a column of values in words; a value that the catalogue lacks cannot be compared with anything."""
    try:
        codes = answer_matrix(column.to_frame(), [feature])[:, 0]
    except AnswersError as error:
        raise DriftCheckError(f"{_where(feature.name, wave)} cannot be compared: {error}") from error
    return pd.Series(codes, index=column.index, name=column.name)


def _numbers(column: pd.Series, name: str, wave: str) -> tuple[FloatArray, float]:
    """Return a column and its largest absolute number, NaN if it holds none."""
    try:
        numbers: FloatArray = column.astype("float64").to_numpy()
    except (TypeError, ValueError, OverflowError) as error:
        raise DriftCheckError(f"{_where(name, wave)} holds something that is not a number: {error}") from error
    largest = max(float(np.fmax.reduce(numbers)), -float(np.fmin.reduce(numbers)))
    if np.isinf(largest):
        raise DriftCheckError(f"{_where(name, wave)} holds infinite numbers, so it cannot be compared")
    return numbers, largest


def _checked_weights(column: pd.Series, wave: str, units: str) -> FloatArray:
    name = str(column.name)
    weights, _ = _numbers(column, name, wave)
    if gaps := int(np.isnan(weights).sum()):
        raise DriftCheckError(
            f"{_where(name, wave)} lacks the weights of {gaps} of {len(weights)} {units}: all need one, or none"
        )
    if (weights < 0).any() or not weights.any():
        raise DriftCheckError(f"{_where(name, wave)} holds a weight below 0, or nothing but 0")
    return weights


def _where(name: str, wave: str) -> str:
    return f"column {name!r} of the {wave} wave"
