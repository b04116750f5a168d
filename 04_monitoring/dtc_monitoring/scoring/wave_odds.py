"""The odds that a respondent is from the current wave if nothing but the mix of personas changed.

Under that hypothesis a respondent's answers x tell only through the personas: the odds are
(n_current / n_reference) * sum_k rho_k P(persona k | x), with rho_k the ratio of persona k's shares in the two waves and
the probabilities those of the reference wave (Saerens, Latinne & Decaestecker, Neural Computation 2002).
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

FloatArray = npt.NDArray[np.float64]

LARGEST_RATIO: Final = 20.0
"""Bound of rho. Without it the odds could become infinite, and any drift towards a rare persona would pass for a mix."""
SMALLEST_RATIO: Final = 0.001
"""The other bound, so that logarithms stay finite. A persona may well vanish, and then takes no part in the comparison."""


def estimate_ratios(memberships: FloatArray, is_current: npt.NDArray[np.bool_], weights: FloatArray) -> FloatArray:
    """Estimate the ratios of the personas' shares by maximum likelihood, ``(n_segments,)``.

    Parameters
    ----------
    memberships : ndarray of shape (n_units, n_segments)
        Of both waves, with the reference wave's shares.
    is_current : ndarray of shape (n_units,)
    weights : ndarray of shape (n_units,)
        1 on average within each wave.
    """
    prior = prior_odds(is_current)
    signs = np.where(is_current, weights, 0.0)

    def loss(logs: FloatArray) -> tuple[float, FloatArray]:
        of_segments = prior * np.exp(logs)
        odds = memberships @ of_segments
        gradient = (weights * odds / (1 + odds) - signs) / odds
        value = weights @ np.log1p(odds) - signs @ np.log(odds)
        return value / len(odds), (gradient @ memberships) * of_segments / len(odds)

    bounds = (np.log(SMALLEST_RATIO), np.log(LARGEST_RATIO))
    start = np.zeros(memberships.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[bounds] * len(start))
    ratios: FloatArray = np.exp(found.x)
    return ratios


def prior_odds(is_current: npt.NDArray[np.bool_]) -> float:
    """Return respondents of the current wave per respondent of the reference wave; ``is_current`` is ``(n_units,)``."""
    return float(is_current.sum() / (~is_current).sum())
