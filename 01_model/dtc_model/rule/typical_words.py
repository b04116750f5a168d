"""What a centroid says about features that are answered in words, for people."""

from collections.abc import Sequence
from typing import Final

from dtc_data.catalogue import FeatureEncoding

from dtc_model.rule.encoder import Encoder

SMALLEST_TOLD: Final = 0.005
"""A smaller share of a value is not told."""
_NEAR: Final = 0.1
"""How near to a grade a mean is told as that grade."""


def typical_in_words(encoder: Encoder, centroid: Sequence[float]) -> dict[str, str]:
    """Return by feature what is typical, such as ``south 75%, north 25%``, for features that are answered in words.

    ``centroid`` ``(n_columns,)`` is in the unit of the answers.
    """
    parts = zip(encoder.features, encoder.starts[:-1], encoder.starts[1:], strict=True)
    return {
        feature.name: (
            _shares(feature, centroid[first:end]) if feature.type == "category" else _grade(feature, centroid[first])
        )
        for feature, first, end in parts
        if feature.in_words
    }


def _shares(feature: FeatureEncoding, shares: Sequence[float]) -> str:
    """List the values, the most frequent first."""
    by_share = sorted(zip(shares, feature.codes, strict=True), key=lambda pair: -pair[0])
    return ", ".join(f"{value} {share:.0%}" for share, value in by_share if share >= SMALLEST_TOLD)


def _grade(feature: FeatureEncoding, mean: float) -> str:
    """Name the grade, or the two between which a mean lies."""
    words = list(feature.codes)
    nearest = min(max(round(mean), 1), len(words))
    if abs(mean - nearest) <= _NEAR:
        return words[nearest - 1]
    lower = min(max(int(mean), 1), len(words) - 1)
    return f"between {words[lower - 1]} and {words[lower]}"
