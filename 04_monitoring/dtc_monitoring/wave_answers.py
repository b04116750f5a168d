"""The answers of a wave as the drift check takes them: checked, as numbers, with the respondents' weights."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data import Catalogue
from dtc_data.catalogue_parts import LARGEST_SCALED

from dtc_monitoring.errors import DriftCheckError

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WaveAnswers:
    """One wave, checked."""

    values: FloatArray
    """Answers in the unit of the survey, NaN where one is missing, ``(n_respondents, n_features)``."""
    weights: FloatArray | None = None
    """How many respondents each one stands for, 1 on average, ``(n_respondents,)``; None if all count alike."""

    def __len__(self) -> int:
        """Count the respondents."""
        return len(self.values)

    @property
    def effective_size(self) -> float:
        """Number of equally weighted respondents that would tell as much (Kish, Survey Sampling, 1965, section 11.7)."""
        return float(len(self)) if self.weights is None else float(self.weights.sum() ** 2 / (self.weights**2).sum())

    @property
    def weight_of_each(self) -> FloatArray:
        """Give the weights, ones if all count alike."""
        return np.ones(len(self)) if self.weights is None else self.weights

    def take(self, rows: slice) -> "WaveAnswers":
        """Take some respondents."""
        weights = None if self.weights is None else self.weights[rows]
        return WaveAnswers(self.values[rows], None if weights is None else weights / weights.mean())

    def given(self, feature: int) -> FloatArray:
        """Give the answers of one feature that are not missing, ``(n_answers,)``."""
        column: FloatArray = self.values[:, feature]
        return column[~np.isnan(column)]


def check_answers(frame: pd.DataFrame, catalogue: Catalogue, wave: str, weight_column: str) -> WaveAnswers:
    """Take the catalogue's features out of a frame, or say why they cannot be compared.

    Parameters
    ----------
    frame : DataFrame
        One row per respondent.
    catalogue : Catalogue
        Names the features.
    wave : str
        ``reference`` or ``current``, for messages.
    weight_column : str
        Column with the weights; without it all respondents count alike.

    Raises
    ------
    DriftCheckError
        If the wave is empty, a column is missing or there twice, or holds something that is no finite number or too large, or a
        weight is not above 0; the message names the wave and the column.
    """
    if frame.empty:
        raise DriftCheckError(f"the {wave} wave holds no respondents, so it cannot be compared")
    if missing := [name for name in catalogue.feature_names if name not in frame.columns]:
        raise DriftCheckError(f"the {wave} wave lacks the columns {', '.join(missing)} of the catalogue")
    weighted = weight_column in frame.columns and weight_column not in catalogue.feature_names
    names = [*catalogue.feature_names, *([weight_column] if weighted else [])]
    if twice := [name for name in names if list(frame.columns).count(name) > 1]:
        raise DriftCheckError(f"column {twice[0]!r} of the {wave} wave is there twice")
    values = np.empty((len(frame), len(catalogue.feature_names)))
    for position, name in enumerate(catalogue.feature_names):
        numbers, largest = _numbers(frame[name], name, wave)
        if np.isnan(largest):
            raise DriftCheckError(f"{_where(name, wave)} holds no answers at all, so it cannot be compared")
        if largest > LARGEST_SCALED * catalogue.scales[position]:
            raise DriftCheckError(f"{_where(name, wave)} holds an answer that is too large to be compared")
        values[:, position] = numbers
    return WaveAnswers(values, _checked_weights(frame[weight_column], weight_column, wave) if weighted else None)


def _numbers(column: pd.Series, name: str, wave: str) -> tuple[FloatArray, float]:
    """Give a column and its largest absolute number, NaN if it holds none."""
    try:
        numbers: FloatArray = column.astype("float64").to_numpy()
    except (TypeError, ValueError) as error:
        raise DriftCheckError(f"{_where(name, wave)} holds something that is no number: {error}") from error
    largest = max(float(np.fmax.reduce(numbers)), -float(np.fmin.reduce(numbers)))
    if np.isinf(largest):
        raise DriftCheckError(f"{_where(name, wave)} holds infinite numbers, so it cannot be compared")
    return numbers, largest


def _checked_weights(column: pd.Series, name: str, wave: str) -> FloatArray | None:
    weights, _ = _numbers(column, name, wave)
    if not (weights > 0).all():  # false for NaN, too
        raise DriftCheckError(f"{_where(name, wave)} holds a weight that is missing or not above 0")
    return None if weights.min() == weights.max() else weights / weights.mean()


def _where(name: str, wave: str) -> str:
    return f"column {name!r} of the {wave} wave"
