"""Overall p-values by drawing the labels anew."""

from typing import Final

import numpy as np
import numpy.typing as npt

from dtc_monitoring.score_test import ScoreTest

FloatArray = npt.NDArray[np.float64]

MOST_REDRAWS: Final = 1_999
ENOUGH: Final = 20
"""Redraws at least as extreme as the observed labels after which no more are made."""
_AT_A_TIME: Final = 2_000_000
"""Labels drawn at a time, so that large waves need little memory."""


def redrawn_p_value(
    test: ScoreTest,
    columns: FloatArray,
    probabilities: FloatArray,
    residuals: FloatArray | None,
    random: np.random.Generator,
) -> float:
    """Compare the smallest p-value of the families with those of labels drawn anew.

    Labels are drawn as they would fall if nothing but the mix had changed. With weights the observed residuals get random
    signs instead, since weights may differ between the waves. The drawing ends early when the result is clear (Besag &
    Clifford, Biometrika 1991).

    Parameters
    ----------
    test : ScoreTest
    columns : ndarray of shape (n_respondents, n_columns)
        Those that `ScoreTest.influence` refers to.
    probabilities : ndarray of shape (n_respondents,)
        Of being from the current wave under the null hypothesis.
    residuals : ndarray of shape (n_respondents,), optional
        Weighted residuals of the observed labels; None without weights.
    random : Generator
    """
    observed = test.p_values(test.scores).min()
    influence = (columns @ test.influence).astype(np.float32)
    limits = probabilities.astype(np.float32)
    expected = limits @ influence
    extreme = drawn = 0
    while drawn < MOST_REDRAWS and extreme < ENOUGH:
        size = min(MOST_REDRAWS - drawn, max(1, min(50 + drawn, _AT_A_TIME // len(influence))))
        uniform = random.random((size, len(influence)), dtype=np.float32)
        if residuals is None:
            scores = (uniform < limits).astype(np.float32) @ influence - expected
        else:
            signs = np.where(uniform < 0.5, np.float32(1), np.float32(-1))  # noqa: PLR2004 - a coin
            scores = (signs * residuals.astype(np.float32)) @ influence
        scores = scores + random.normal(size=(size, len(test.model_noise))) @ test.model_noise
        extreme += int((test.p_values(scores).min(axis=-1) <= observed).sum())
        drawn += size
    return (extreme + 1) / (drawn + 1)
