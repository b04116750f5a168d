"""Catalogues whose rule is a mixture."""

from typing import Any

import numpy as np
import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import parse_answers
from fakes.store_catalogue import STORES, store_catalogue
from pydantic import ValidationError


def with_segment(**changes: Any) -> dict[str, Any]:
    first, second = STORES["segments"]
    return {"segments": [first | changes, second]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (with_segment(share=None), "needs the share of each archetype"),
        (with_segment(share=0.9), "1 in all"),
        (with_segment(spreads=[1.0]), "has 1 spreads, but there are 3 features"),
        ({"rule": "nearest_centroid"}, "no other rule has shares or spreads"),
        ({"rule": "by feeling"}, "rule"),
    ],
)
def test_a_mixture_that_cannot_be_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Catalogue.model_validate(STORES | changes)


def test_a_value_that_was_never_seen_counts_as_missing_where_the_catalogue_says_so() -> None:
    place = store_catalogue().features[2]
    values, objections = parse_answers(["city", "airport", ""], place, missing_allowed=True)
    assert (values.tolist()[0], np.isnan(values[1:]).all(), objections) == (0.0, True, {})
    refused = place.model_copy(update={"unseen": "refuse"})
    _, objections = parse_answers(["city", "airport", ""], refused, missing_allowed=True)
    assert objections == {1: "'airport' is not one of city, mall"}
