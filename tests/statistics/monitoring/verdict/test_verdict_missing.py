"""Missing answers by themselves are not drift, and hide none."""

import numpy as np
import pandas as pd
import pytest
from drift_populations import populations, wave
from dtc_monitoring import assess_drift

POPULATIONS = {population.name: population for population in populations()}


def statuses(
    kind: str, sizes: tuple[int, int], left_out: tuple[float, float], scenario: str, n_pairs: int
) -> list[str]:
    """Check pairs of waves in which answers are missing at random, each with the given probability per wave."""
    population = POPULATIONS[kind]
    catalogue, random = population.catalogue(), np.random.default_rng(20_251_121)
    found: list[str] = []
    for _ in range(n_pairs):
        frames = [
            pd.DataFrame(wave(population, random, size, changed), columns=catalogue.feature_names)
            for size, changed in zip(sizes, ("same", scenario), strict=True)
        ]
        before, after = (
            frame.mask(random.random(frame.shape) < rate) for frame, rate in zip(frames, left_out, strict=True)
        )
        found.append(assess_drift(before, after, catalogue).status)
    return found


@pytest.mark.parametrize(
    ("sizes", "left_out", "n_pairs"),
    [((500, 500), (0.3, 0.0), 12), ((500, 500), (0.0, 0.3), 6), ((5_000, 5_000), (0.0, 0.1), 4)],
)
@pytest.mark.parametrize("kind", ["yes/no", "Likert"])
def test_answers_that_are_missing_in_one_wave_only_are_no_drift(
    kind: str, sizes: tuple[int, int], left_out: tuple[float, float], n_pairs: int
) -> None:
    assert statuses(kind, sizes, left_out, "same", n_pairs) == ["stable"] * n_pairs


@pytest.mark.parametrize("left_out", [(0.3, 0.0), (0.0, 0.3), (0.3, 0.3)])
@pytest.mark.parametrize("kind", list(POPULATIONS))
@pytest.mark.parametrize("scenario", ["one persona, three features", "one feature, everybody"])
def test_a_drift_is_found_among_missing_answers(kind: str, left_out: tuple[float, float], scenario: str) -> None:
    assert statuses(kind, (500, 500), left_out, scenario, 2) == ["drift"] * 2


@pytest.mark.parametrize("left_out", [(0.3, 0.0), (0.0, 0.3)])
@pytest.mark.parametrize("kind", list(POPULATIONS))
def test_a_shift_of_the_mix_is_told_from_drift_among_missing_answers(kind: str, left_out: tuple[float, float]) -> None:
    assert statuses(kind, (500, 500), left_out, "mix 60/30/10", 2) == ["mix_shift"] * 2
