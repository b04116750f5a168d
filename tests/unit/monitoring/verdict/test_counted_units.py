"""The shares count whom `make label` counts: those who gave enough answers for a segment."""

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_monitoring import assess_drift


@pytest.fixture
def tolerant(small_catalogue: Catalogue) -> Catalogue:
    """A catalogue that labels whoever gave two of three answers."""
    return Catalogue.model_validate(
        small_catalogue.model_dump(by_alias=True) | {"missing_answers": {"minimum_answered": 2}}
    )


def test_whoever_gave_too_few_answers_counts_in_no_share_and_in_no_mean_distance(tolerant: Catalogue) -> None:
    first, second = tolerant.centroids
    few = np.where([True, False, False], second, np.nan)
    names = list(tolerant.feature_names)
    without = pd.DataFrame([first, first, second], columns=names)
    everybody = pd.DataFrame([first, first, second, few], columns=names)
    verdict = assess_drift(everybody, without, tolerant)
    assert (verdict.n_reference, verdict.n_current) == (4, 3)
    assert [share.before for share in verdict.shares] == pytest.approx([2 / 3, 1 / 3])
    assert [share.before for share in verdict.shares] == [share.after for share in verdict.shares]
    assert verdict.basis.mean_fit_before == pytest.approx(verdict.basis.mean_fit_after)


def test_a_wave_in_which_nobody_gave_enough_answers_has_no_shares(tolerant: Catalogue) -> None:
    first, second = tolerant.centroids
    names = list(tolerant.feature_names)
    before = pd.DataFrame([first, second], columns=names)
    after = pd.DataFrame([np.where(kept, first, np.nan) for kept in np.eye(3, dtype=bool)], columns=names)
    verdict = assess_drift(before, after, tolerant)
    assert [share.after for share in verdict.shares] == [0.0, 0.0]
    assert verdict.status == "cannot_tell"
