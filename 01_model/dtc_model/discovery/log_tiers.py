"""Tiers by performance alone: a mixture of three on the logarithm of revenue."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from dtc_model.clustering import NO_SEGMENT, TrainingUnits, find_mixture
from dtc_model.errors import TrainingError
from dtc_model.rule import FloatArray, MixedUnits, MixtureModel, NumberFeature, as_numbers, measure_surprises

TIERS: Final = ("A", "B", "C")
"""From the few largest to the many smallest; their ids are 0, 1 and 2."""
EXPECTED_SHARES: Final = (0.05, 0.15, 0.80)
"""Of the units in each tier, where the search begins."""
FEWEST_UNITS: Final = 30
"""Units with revenue below which there are no tiers."""

_WHOLE_FROM: Final = 99.95
"""Amounts that are told without decimals."""
_STARTING_SHARES: Final = (EXPECTED_SHARES, (0.1, 0.3, 0.6), (0.02, 0.08, 0.9))


@dataclass(frozen=True, eq=False)
class Tiers:
    """The tier of each unit."""

    labels: npt.NDArray[np.str_]
    """``A``, ``B`` or ``C``; empty for a unit without revenue, ``(n_units,)``."""
    probabilities: FloatArray
    """Of the unit's tier, NaN without one, ``(n_units,)``."""
    cuts: tuple[float, float]
    """Revenue from which a unit is an A, and from which it is a B."""
    document: MixtureModel
    """Labels new units."""
    words: str


def tiers(revenue: "pd.Series[float] | FloatArray", seed: int = 0) -> Tiers:
    """Return the tiers of units by their revenue.

    A normal mixture of three with a common spread on log(1 + revenue): the tiers lie apart by factors, not by amounts, and
    with one spread a larger revenue never means a lower tier. How many units each tier has comes from the data.

    Parameters
    ----------
    revenue : Series or array_like of shape (n_units,)
        Of a period that is the same for all. A unit without revenue, or with none above 0, has no tier.
    seed : int
        Kept in the document; the search begins at fixed shares and draws nothing.

    Raises
    ------
    TrainingError
        If fewer than `FEWEST_UNITS` units have revenue, or all have the same.
    AnswersError
        If a revenue is not a number or infinite.
    """
    amounts = as_numbers(revenue, "revenue")
    earning = np.flatnonzero(amounts > 0)
    if len(earning) < FEWEST_UNITS or np.ptp(amounts[earning]) == 0:
        raise TrainingError(
            f"{len(earning):,} of {len(amounts):,} units have revenue, all alike or fewer than {FEWEST_UNITS}: three tiers "
            "cannot be told apart"
        )
    document = _learn(amounts[earning], seed)
    table = pd.DataFrame({"revenue": np.where(amounts > 0, amounts, np.nan)})
    positions = document.label(table)
    labels = np.array([*TIERS, ""])[positions]
    posterior = document.posterior(table)
    probabilities = np.where(positions != NO_SEGMENT, posterior.max(axis=1), np.nan)
    cuts = _cuts(document)
    return Tiers(labels, probabilities, cuts, document, _words(labels, cuts))


def _learn(amounts: FloatArray, seed: int) -> MixtureModel:
    feature = NumberFeature("revenue", "log1p")
    encoded = feature.encode(amounts)[:, None]
    units = TrainingUnits.standardise(MixedUnits(encoded, np.empty((len(encoded), 0), dtype=np.intp)), ())
    starts = (np.eye(len(TIERS))[_by_rank(amounts, shares)] for shares in _STARTING_SHARES)
    found = max((find_mixture(units, start, "pooled") for start in starts), key=lambda mixture: mixture.log_likelihood)
    parameters = units.original(found.parameters)
    largest_first = parameters.segments(np.argsort(-parameters.means[:, 0]))
    provenance = {"method": "tiers on log revenue", "seed": str(seed), "n_units": str(len(amounts))}
    model = MixtureModel((feature,), largest_first, (0, 1, 2), TIERS, provenance=provenance)
    return measure_surprises(model, amounts[:, None])


def _by_rank(amounts: FloatArray, shares: tuple[float, ...]) -> npt.NDArray[np.intp]:
    """Return 0 for the largest, so many as the first share says, 1 for the next, 2 for the others."""
    cuts = np.quantile(amounts, 1 - np.cumsum(shares[:-1]))
    positions: npt.NDArray[np.intp] = (amounts[:, None] < cuts).sum(axis=1)
    return positions


def _cuts(document: MixtureModel) -> tuple[float, float]:
    """Return where one tier becomes as probable as the next: with one spread that is a single revenue."""
    means, shares = document.parameters.means[:, 0], document.parameters.shares
    variance = float(document.parameters.covariance[0])
    logs = (means[:-1] + means[1:]) / 2 + variance * np.log(shares[1:] / shares[:-1]) / (means[:-1] - means[1:])
    first, second = np.expm1(logs).tolist()
    return first, second


def _words(labels: npt.NDArray[np.str_], cuts: tuple[float, float]) -> str:
    counts = {tier: int((labels == tier).sum()) for tier in TIERS}
    known = max(sum(counts.values()), 1)
    held = ", ".join(f"{tier} {count:,} ({count / known:.0%})" for tier, count in counts.items())
    without = int((labels == "").sum())
    rest = f"; {without:,} without revenue have no tier" if without else ""
    return f"{held}{rest}. A from {_amount(cuts[0])}, B from {_amount(cuts[1])}."


def _amount(value: float) -> str:
    """Write a revenue as exactly as people compare it: to three digits, and never finer than whole ones from a hundred on."""
    return f"{value:,.0f}" if value >= _WHOLE_FROM else f"{value:.3g}"
