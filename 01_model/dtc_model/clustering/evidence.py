"""Which number of segments the units speak for: BIC, and an estimate that is sharper where units are few."""

from math import lgamma, log

import numpy as np
from scipy.linalg import eigh
from scipy.special import gammaln

from dtc_model.clustering.expectation import SMALLEST_BETWEEN, SMOOTHING, FoundMixture
from dtc_model.clustering.training_units import TrainingUnits
from dtc_model.rule import FloatArray, MixtureParameters


def bic(found: FoundMixture, n_units: int) -> float:
    """Return Schwarz's criterion, -2 log likelihood + parameters x log(units); the smaller the better."""
    return -2 * found.log_likelihood + _n_parameters(found.parameters) * log(n_units)


def log_evidence(found: FoundMixture, units: TrainingUnits) -> float:
    """Return an estimate of the log probability of the units, whatever the parameters; the larger the better.

    It is the likelihood at the parameters found, times what integrating over them costs if the segments were known, which
    has a closed form for conjugate priors (Cheeseman and Stutz, Advances in Knowledge Discovery and Data Mining (1996);
    with few units it finds the number of segments where BIC finds too few: Chickering and Heckerman, Machine Learning 29
    (1997) 181-212). Variances cost as much as in BIC.
    """
    sizes = found.responsibilities.sum(axis=0)
    return (
        found.log_likelihood
        + lgamma(len(sizes) + 1)  # the segments' order means nothing
        + _cost_of_shares(sizes)
        + _cost_of_means(found, units)
        + _cost_of_variances(found.parameters, sizes)
        + _cost_of_levels(found, units)
    )


def _n_parameters(parameters: MixtureParameters) -> int:
    levels = sum(table.size - len(table) for table in parameters.probabilities)
    return len(parameters.shares) - 1 + parameters.means.size + _n_variances(parameters) + levels


def _n_variances(parameters: MixtureParameters) -> int:
    n_numbers = parameters.means.shape[1]
    return n_numbers * (n_numbers + 1) // 2 if parameters.spread == "tied" else parameters.covariance.size


def _cost_of_shares(sizes: FloatArray) -> float:
    k, total = len(sizes), float(sizes.sum())
    shares = (sizes + 1) / (total + k)
    marginal = lgamma(k) - lgamma(k + total) + gammaln(sizes + 1).sum()
    return float(marginal - sizes @ np.log(shares))


def _cost_of_levels(found: FoundMixture, units: TrainingUnits) -> float:
    cost = 0.0
    weights = found.responsibilities.T
    tables = zip(units.indicators, units.level_shares, found.parameters.probabilities, strict=True)
    for indicators, shares, probabilities in tables:
        counts, prior = weights @ indicators, SMOOTHING * len(shares) * shares
        marginal = gammaln(prior.sum()) - gammaln(prior.sum() + counts.sum(axis=1))
        marginal += (gammaln(counts + prior) - gammaln(prior)).sum(axis=1)
        cost += float(marginal.sum() - (counts * np.log(probabilities)).sum())
    return cost


def _cost_of_means(found: FoundMixture, units: TrainingUnits) -> float:
    """Integrate over normal means with a normal prior, in a basis in which the segments' numbers are independent."""
    parameters, weights = found.parameters, found.responsibilities.T
    if not parameters.means.size:
        return 0.0
    counts = weights @ units.present
    if parameters.spread == "tied":
        whole = units.filled.T @ units.filled / len(units)
        between, basis = eigh(whole - parameters.covariance, parameters.covariance)
        between, variances, means = np.maximum(between, SMALLEST_BETWEEN), np.ones(1), parameters.means @ basis
    else:
        variances, means = parameters.variances, parameters.means
        pooled = parameters.shares @ variances
        between = np.maximum(1 - pooled, SMALLEST_BETWEEN)
    return float(-0.5 * (np.log1p(counts * between / variances) + means**2 / between).sum())


def _cost_of_variances(parameters: MixtureParameters, sizes: FloatArray) -> float:
    if parameters.spread == "own":
        return float(-0.5 * parameters.means.shape[1] * np.log(np.maximum(sizes, 1)).sum())
    return -0.5 * _n_variances(parameters) * log(float(sizes.sum()))
