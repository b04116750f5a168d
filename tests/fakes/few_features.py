"""Catalogues of few features, and waves drawn from them."""

import numpy as np
import pandas as pd
from dtc_data import Catalogue

CENTROIDS = {2: [[0.0, 0.0], [4.0, 4.0]], 3: [[0.0, 0.0, 0.0], [4.0, 4.0, 0.0], [0.0, 4.0, 4.0]]}
"""Of personas in two and in three features."""


def catalogue_with(centroids: list[list[float]]) -> Catalogue:
    """Make a catalogue with a persona at each centroid."""
    features = [{"name": f"q{number}"} for number in range(1, len(centroids[0]) + 1)]
    segments = [
        {"id": number, "name": f"Persona {letter}", "centroid": centroid}
        for number, (letter, centroid) in enumerate(zip("ABC", centroids, strict=False))
    ]
    return Catalogue.model_validate(
        {"name": "few", "registered_model": "few_model", "features": features, "personas": segments}
    )


def draw(
    catalogue: Catalogue, seed: int, n_units: int = 500, shares: list[float] | None = None, spread: float = 1.0
) -> pd.DataFrame:
    """Draw respondents around a catalogue's centroids."""
    random = np.random.default_rng(seed)
    segments = random.choice(len(catalogue.segments), n_units, p=shares)
    answers = catalogue.centroids[segments] + random.normal(scale=spread, size=(n_units, len(catalogue.features)))
    return pd.DataFrame(answers, columns=list(catalogue.feature_names))
