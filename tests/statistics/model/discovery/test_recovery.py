"""What is found again of planted segments: with the seeds of ours that were not looked at while the method was made.

Two draws each, to stay short; `make bench_recovery` measures five, with the methods beside the mixture (docs/stores.md).
"""

import pytest
from dtc_model.discovery import NoiseLevel, recover

SEEDS = (101, 103)


@pytest.mark.parametrize(
    ("n_units", "noise", "at_least"),
    [
        (1_000, "low", 0.97),
        (1_000, "middle", 0.94),
        (1_000, "high", 0.83),
        (100, "low", 0.96),
        (100, "middle", 0.90),
        (100, "high", 0.70),
    ],
)
def test_planted_segments_are_found_again_and_keep_their_units(
    n_units: int, noise: NoiseLevel, at_least: float
) -> None:
    (found,) = recover(["mixture"], n_units=n_units, noise=noise, seeds=SEEDS, n_bootstraps=1)
    assert found.rand_index >= at_least
    assert found.share_without == 0
    assert found.rand_index_new >= found.rand_index - 0.03 or found.rand_index_new >= at_least
    assert found.lost_on_new <= 0.03
    assert found.relabelled <= 0.015
