"""Answers between frames, where categories are texts, and arrays, where they are codes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dtc_data.catalogue.feature_encoding import FeatureEncoding
from dtc_data.catalogue.number_scale import FloatArray
from dtc_data.core import AnswersError

if TYPE_CHECKING:
    import pandas as pd


def answer_matrix(frame: "pd.DataFrame", features: Sequence[FeatureEncoding]) -> FloatArray:
    """Return the answers in a frame, ``(n_units, n_features)``, NaN where one is missing; columns are taken by name.

    Whether numbers lie within their range is not looked at.

    Raises
    ------
    AnswersError
        If a column is missing, or holds something that is not a number, or no value of its feature.
    """
    if missing := [feature.name for feature in features if feature.name not in frame.columns]:
        raise AnswersError(f"the answers lack the columns {', '.join(missing)}")
    matrix = np.empty((len(frame), len(features)))
    for position, feature in enumerate(features):
        matrix[:, position] = (
            _codes(frame[feature.name], feature) if feature.in_words else _numbers(frame[feature.name])
        )
    return matrix


def _numbers(column: "pd.Series") -> FloatArray:
    try:
        numbers: FloatArray = column.astype("float64").to_numpy()
    except (TypeError, ValueError, OverflowError) as error:
        raise AnswersError(f"column {column.name!r} holds something that is not a number: {error}") from error
    return numbers


def _codes(column: "pd.Series", feature: FeatureEncoding) -> FloatArray:
    codes: FloatArray = column.astype(object).map(feature.codes).to_numpy(dtype=np.float64)
    strange = np.isnan(codes) & column.notna().to_numpy()
    if strange.any():
        value = str(column.iloc[int(strange.argmax())])
        raise AnswersError(
            f"column {column.name!r} holds {value[:80]!r} ({strange.sum():,} times something that the catalogue does not "
            f"have); it may hold {', '.join(feature.values)}"
        )
    return codes


def answer_types(features: Sequence[FeatureEncoding]) -> dict[str, Any]:
    """Return the type of each feature's column in a frame: objects for values in words, doubles for numbers."""
    return {feature.name: object if feature.in_words else "float64" for feature in features}


def answer_columns(answers: FloatArray, features: Sequence[FeatureEncoding]) -> dict[str, npt.NDArray[Any]]:
    """Return the columns of a frame by name: texts or None for values in words, doubles for numbers.

    ``answers`` ``(n_units, n_features)`` are as `answer_matrix` returns them.
    """
    return {feature.name: texts_of(answers[:, position], feature) for position, feature in enumerate(features)}


def texts_of(codes: FloatArray, feature: FeatureEncoding) -> npt.NDArray[Any]:
    """Return the values in words of one feature's codes ``(n_units,)``, None where there is none; numbers stay as they are."""
    if not feature.in_words:
        return codes
    words = np.array([*feature.codes, None], dtype=object)
    positions = np.where(np.isnan(codes), len(words) - 1, codes - feature.limits[0]).astype(np.intp)
    texts: npt.NDArray[Any] = words[positions]
    return texts
