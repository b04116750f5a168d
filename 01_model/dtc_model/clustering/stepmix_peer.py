"""The mixture of StepMix, beside ours: normal with own spreads in the numbers, multinomial in the categories."""

from typing import Any, Final

import numpy as np

from dtc_model.clustering.expectation import POOLED_BELOW, FoundMixture, expect
from dtc_model.clustering.training_units import TrainingUnits
from dtc_model.rule import UNKNOWN, FloatArray, IndexArray, MixtureParameters

STARTS: Final = 5
MOST_STEPS: Final = 200
TOLERANCE: Final = 1e-4
"""Gain in mean log-likelihood and step below which StepMix rests."""

_SMALLEST_PROBABILITY: Final = 1e-6
"""StepMix does not smooth: a level that a segment lacks has the probability 0, and a unit with it could be nowhere."""


def objection_to_stepmix(n_units: int) -> str | None:
    """Say why StepMix is not asked for these units; None if it is."""
    if n_units < POOLED_BELOW:
        return (
            f"StepMix has no pooled spreads and no priors, which fewer than {POOLED_BELOW} units need: it was not asked"
        )
    return None


def search_stepmix(units: TrainingUnits, k: int, *, n_starts: int = STARTS, seed: int) -> FoundMixture:
    """Return StepMix's mixture of k segments, in our terms (Morin and others, Journal of Statistical Software 113 (2025))."""
    from stepmix.stepmix import StepMix  # noqa: PLC0415 - only who asks for this peer needs it

    data = _data(units)
    found = StepMix(
        n_components=k,
        measurement=_measurement(units),
        n_init=n_starts,
        max_iter=MOST_STEPS,
        abs_tol=TOLERANCE,
        random_state=seed,
        verbose=0,
        progress_bar=0,
    ).fit(data)
    parameters = _parameters(found.get_parameters(), units)
    responsibilities, log_densities = expect(units, parameters)
    return FoundMixture(parameters, responsibilities, float(log_densities.sum()))


def recluster_stepmix(units: TrainingUnits, k: int, *, seed: int) -> IndexArray:
    """Return the segments of resampled units, found again, ``(n_units,)``."""
    return search_stepmix(units, k, n_starts=1, seed=seed).labels


def _data(units: TrainingUnits) -> FloatArray:
    codes = units.units.codes.astype(np.float64)
    codes[units.units.codes == UNKNOWN] = np.nan
    return np.hstack([units.units.numbers, codes])


def _measurement(units: TrainingUnits) -> dict[str, Any]:
    gaps = "" if units.complete and (units.units.codes != UNKNOWN).all() else "_nan"
    counts = {"numbers": units.units.numbers.shape[1], "categories": units.units.codes.shape[1]}
    models = {"numbers": f"gaussian_diag{gaps}", "categories": f"categorical{gaps}"}
    return {part: {"model": models[part], "n_columns": n} for part, n in counts.items() if n}


def _parameters(found: dict[str, Any], units: TrainingUnits) -> MixtureParameters:
    k, measured = len(found["weights"]), found["measurement"]
    numbers = measured.get("numbers", {"means": np.empty((k, 0)), "covariances": np.empty((k, 0))})
    tables = []
    if "categories" in measured:
        widest = measured["categories"]["max_n_outcomes"]
        for category, n_levels in enumerate(units.n_levels):
            start = category * widest
            table = np.maximum(measured["categories"]["pis"][:, start : start + n_levels], _SMALLEST_PROBABILITY)
            tables.append(table / table.sum(axis=1, keepdims=True))
    shares = np.maximum(found["weights"], _SMALLEST_PROBABILITY)
    return MixtureParameters(
        spread="own",
        shares=shares / shares.sum(),
        means=np.asarray(numbers["means"]),
        covariance=np.maximum(numbers["covariances"], _SMALLEST_PROBABILITY),
        probabilities=tuple(tables),
    )
