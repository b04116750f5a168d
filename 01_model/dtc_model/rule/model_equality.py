"""Whether two models are the same one: trained again from the same answers, rounded, or summed in another order."""

from typing import Final

import numpy as np

from dtc_model.rule.encoder import Encoder
from dtc_model.rule.segment_model import SegmentModel

SAME_WITHIN: Final = 1e-3
"""Distance of a centroid, in spreads, up to which it has not moved.

The mean of a million respondents lies off by that much by chance (spread / √1,000,000), so no wave could tell the two models
apart. KMeans on the same answers in another order ends closer: it rests at the same means, but for rounding.
"""
_ROUNDING: Final = 1e-9
"""Relative difference of scaled numbers that is only rounding, where no spread is known."""


def same_model(one: SegmentModel, other: SegmentModel) -> bool:
    """Tell whether two models name the same segments with the same encoding of answers, and no centroid has moved.

    Centroids are compared each with its own segment's, by their distance in scaled units, and held against the smaller of
    the models' spreads (see `dtc_model.rule.reference_distances.Reference`). Provenance and reference do not count: they give no label.
    """
    if (one.segment_ids, one.segment_names) != (other.segment_ids, other.segment_names):
        return False
    if not one.is_shaped_like(other) or not same_encoding(one.encoder, other.encoder):
        return False
    before, after = one.coordinates, other.coordinates
    spread = min((model.reference.spread for model in (one, other) if model.reference is not None), default=0.0)
    moved = np.linalg.norm(after - before, axis=1)
    return bool((moved <= SAME_WITHIN * spread + _ROUNDING * np.linalg.norm(before, axis=1)).all())


def same_encoding(one: Encoder, other: Encoder) -> bool:
    """Tell whether two encoders turn the same answers into the same coordinates."""
    if one.features != other.features or one.projection is None or other.projection is None:
        return one.features == other.features and one.projection is other.projection
    return np.array_equal(one.projection, other.projection)
