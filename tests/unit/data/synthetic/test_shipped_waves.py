"""The months that the product is shown with."""

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_data.synthetic import make_wave
from dtc_data.synthetic.shipped_waves import SHIPPED_WAVES, UNITS_PER_WAVE, ShippedWave
from scipy.stats import ks_2samp

JANUARY, *LATER = SHIPPED_WAVES
SIGNIFICANT = 0.05
DRIFTED_SHARE = 0.5


def drifted_share(shipped: ShippedWave, catalogue: Catalogue) -> float:
    """Return the share of features whose two-sample K-S test against January is significant."""
    reference, current = (
        make_wave(catalogue, UNITS_PER_WAVE, wave.std_dev, wave.seed, wave.wave) for wave in (JANUARY, shipped)
    )
    drifted = [ks_2samp(reference[name], current[name]).pvalue < SIGNIFICANT for name in catalogue.feature_names]
    return float(np.mean(drifted))


@pytest.mark.parametrize("shipped", LATER, ids=lambda shipped: str(shipped.wave))
def test_march_drifts_and_the_other_months_do_not(shipped: ShippedWave, catalogue: Catalogue) -> None:
    assert (drifted_share(shipped, catalogue) >= DRIFTED_SHARE) == (shipped.wave.month == 3)


def test_every_month_has_a_seed_of_its_own() -> None:
    assert len({shipped.seed for shipped in SHIPPED_WAVES}) == len(SHIPPED_WAVES)


def test_only_january_carries_its_segments() -> None:
    assert [shipped.wave.month for shipped in SHIPPED_WAVES if shipped.labelled] == [1]
