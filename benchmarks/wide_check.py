"""How long the drift check takes on a survey with hundreds of questions, Evidently's picture included.

One line: wall and processor seconds for two waves of 1,000 people and 500 numbers, of which 50 changed. MLflow and Postgres are left
out: they add a second or two.
"""

import argparse
import time

import numpy as np
import pandas as pd
from dtc_data import Catalogue
from dtc_monitoring.verdict import assess_and_draw

MOST_SECONDS = 60
"""Bound at 500 features and 1,000 people in each wave, on two cores."""


def wide_catalogue(n_features: int) -> Catalogue:
    """Return three segments in so many numbers."""
    centroids = np.random.default_rng(1).uniform(-5, 5, (3, n_features)).round(3)
    features = [{"name": f"question_{number}"} for number in range(n_features)]
    segments = [
        {"id": number, "name": f"Persona {number}", "centroid": row} for number, row in enumerate(centroids.tolist())
    ]
    document = {"name": "wide", "unit_table": "wide", "registered_model": "wide"}
    return Catalogue.model_validate(document | {"features": features, "personas": segments})


def wave(catalogue: Catalogue, n_units: int, seed: int) -> pd.DataFrame:
    """Return people around the segments."""
    random = np.random.default_rng(seed)
    answers = catalogue.centroids[random.integers(0, 3, n_units)]
    return pd.DataFrame(answers + random.normal(0, 2, answers.shape), columns=list(catalogue.feature_names))


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--features", type=int, default=500)
    parser.add_argument("--people", type=int, default=1_000, help="in each wave")
    arguments = parser.parse_args()
    catalogue = wide_catalogue(arguments.features)
    before, after = (wave(catalogue, arguments.people, seed) for seed in (1, 2))
    after[list(catalogue.feature_names[::10])] += 0.9
    wall, processor = time.perf_counter(), time.process_time()
    drawn = assess_and_draw(before, after, catalogue)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(
        f"{arguments.features} features, {arguments.people:,} people: {drawn.verdict.status} after {wall:.1f} s "
        f"({processor:.1f} s of processors; at most {MOST_SECONDS} s on two cores)"
    )


if __name__ == "__main__":
    main()
