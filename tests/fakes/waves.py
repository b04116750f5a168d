"""Waves of respondents made around centroids."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data import Catalogue
from sklearn.datasets import make_blobs

JANUARY = (2.0, 42)
"""Standard deviation and seed of the shipped January."""
MARCH = (3.1, 5977)
"""And of the shipped March, which drifts."""


def answers_around(
    centroids: npt.ArrayLike, std: float = 2.0, seed: int = 42, n: int | list[int] = 500
) -> npt.NDArray[np.float64]:
    """Scatter respondents around centroids, equally many each unless their numbers are given."""
    answers, _ = make_blobs(n, centers=np.asarray(centroids), cluster_std=std, random_state=seed)
    return np.asarray(answers)


def wave_around(catalogue: Catalogue, centroids: npt.ArrayLike, std: float, seed: int) -> pd.DataFrame:
    """Return 500 respondents as a frame with ids."""
    frame = pd.DataFrame(answers_around(centroids, std, seed), columns=list(catalogue.feature_names))
    return frame.assign(unit_id=[f"C{row}" for row in range(len(frame))])
