"""Mixtures and tables of mixed features that are small enough to work out by hand."""

import numpy as np
import pandas as pd
from dtc_model.rule import CategoryFeature, MixtureModel, MixtureParameters, NumberFeature, Spread

COVARIANCE = {
    "pooled": np.array([1.0, 4.0]),
    "own": np.array([[1.0, 4.0], [2.0, 1.0], [0.5, 9.0]]),
    "tied": np.array([[1.0, 0.8], [0.8, 4.0]]),
}


def small_mixture(spread: Spread = "pooled") -> MixtureModel:
    """Make three segments of two numbers and a category."""
    return MixtureModel(
        features=(
            NumberFeature("size"),
            CategoryFeature("format", ("city", "mall", "outlet")),
            NumberFeature("sales", "log1p"),
        ),
        parameters=MixtureParameters(
            spread=spread,
            shares=np.array([0.5, 0.3, 0.2]),
            means=np.array([[0.0, 2.0], [4.0, 6.0], [-3.0, 9.0]]),
            covariance=COVARIANCE[spread],
            probabilities=(np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5]]),),
        ),
        segment_ids=(4, 7, 2),
        segment_names=("Corner shops", "Flagships", "Outlets"),
        provenance={"method": "mixture"},
    )


def some_units(n_units: int = 200, seed: int = 1) -> pd.DataFrame:
    """Draw units for it, some of them between its segments."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": random.normal(0, 4, n_units),
            "format": random.choice(["city", "mall", "outlet"], n_units),
            "sales": np.expm1(random.uniform(0, 11, n_units)),
        },
        index=pd.Index([f"store {number}" for number in range(n_units)], name="unit_id"),
    )
