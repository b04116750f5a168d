"""Whether an answer is missing more or less often than before."""

import numpy as np
import numpy.typing as npt
from dtc_data import Catalogue
from scipy import stats

from dtc_monitoring.columns import two_shares_z
from dtc_monitoring.reference import WaveAnswers
from dtc_monitoring.verdict.evidence import SHARE, Evidence

FALSE_ALARMS = 0.001
"""Probability that any feature is flagged though nothing changed (Bonferroni over the features)."""
SMALLEST_CHANGE = 0.05
"""Smallest change of a share of missing answers that is flagged."""
_EXACT_UP_TO = 5_000
"""Respondents up to which Fisher's exact test is made; beyond, and with weights, the z test of two shares."""


def compare_missing(reference: WaveAnswers, current: WaveAnswers, catalogue: Catalogue) -> tuple[Evidence, ...]:
    """Compare the share of missing answers of each feature that anybody left out."""
    limit = FALSE_ALARMS / len(catalogue.feature_names)
    found = []
    for position, feature in enumerate(catalogue.features):
        missing = [np.isnan(wave.values[:, position]) for wave in (reference, current)]
        if not any(wave.any() for wave in missing):
            continue
        before, after = (
            float(np.average(gaps, weights=wave.weights))
            for gaps, wave in zip(missing, (reference, current), strict=True)
        )
        z = two_shares_z(before, after, reference.effective_size, current.effective_size)
        exact = reference.weights is None and current.weights is None and sum(map(len, missing)) <= _EXACT_UP_TO
        p_value = _exact(missing) if exact else float(2 * stats.norm.sf(abs(z)))
        found.append(
            Evidence(
                kind="missing",
                name=feature.name,
                statistic=z,
                effect=after - before,
                effect_unit=SHARE,
                p_value=p_value,
                flagged=p_value <= limit and abs(after - before) >= SMALLEST_CHANGE,
                words=f"{feature.title} is missing for {after:.0%} of {catalogue.words.units}; it was {before:.0%} before.",
            )
        )
    return tuple(found)


def _exact(missing: list[npt.NDArray[np.bool_]]) -> float:
    table = [[int(gaps.sum()), int((~gaps).sum())] for gaps in missing]
    return float(stats.fisher_exact(table).pvalue)
