"""How far a catalogue gives the labels that a vendor gave."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.core import SurveyFileError
from dtc_model.rule import SegmentModel
from dtc_service.delivery import compare_with_vendor, print_agreement
from rich.console import Console

DOCUMENT: dict[str, Any] = {
    "name": "Kitchens",
    "registered_model": "kitchens",
    "unit": "cook",
    "missing_answers": {"minimum_answered": 2},
    "features": [
        {"name": "spice", "type": "grade", "minimum": 1, "maximum": 5},
        {"name": "speed", "type": "grade", "minimum": 1, "maximum": 5},
        {"name": "noise", "type": "grade", "minimum": 1, "maximum": 5, "weight": 0.0001},
    ],
    "segments": [
        {"id": 1, "name": "Quick", "centroid": [2, 5, 3]},
        {"id": 2, "name": "Hot", "centroid": [5, 1, 3.1]},
        {"id": 3, "name": "Plain", "centroid": [1, 1, 3]},
    ],
}
KITCHENS = Catalogue.model_validate(DOCUMENT)


def cooks(n: int = 300, catalogue: Catalogue = KITCHENS) -> pd.DataFrame:
    """Cooks who are labelled by the catalogue, as the vendor would have."""
    rng = np.random.default_rng(5)
    answers = rng.integers(1, 6, (n, 3)).astype(float)
    nearest = ((answers[:, None, :2] - catalogue.centroids[None, :, :2]) ** 2).sum(axis=2).argmin(axis=1)
    frame = pd.DataFrame(answers, columns=list(catalogue.feature_names))
    ids = pd.array(np.array(catalogue.segment_ids)[nearest], dtype="Int64")
    return frame.assign(unit_id=[f"c{number}" for number in range(n)], segment=ids)


def printed(units: pd.DataFrame, catalogue: Catalogue = KITCHENS) -> str:
    console = Console(file=io.StringIO(), width=120)
    print_agreement(compare_with_vendor(units, catalogue), console)
    return " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]  # it is the StringIO above


def test_the_labels_of_the_same_rule_agree_but_for_near_ties() -> None:
    found = compare_with_vendor(cooks(), KITCHENS)

    assert found.share > 0.9
    assert all(one.gap < 0.001 for one in found.differences)
    assert not found.empty


def test_who_differs_is_named_with_both_segments_and_the_gap() -> None:
    units = cooks().assign(spice=5.0, speed=1.0, noise=3.0, segment=2)
    units.loc[7, "segment"] = 1

    (one,) = compare_with_vendor(units, KITCHENS).differences

    assert (one.unit_id, one.by_vendor, one.by_rule) == ("c7", "Quick", "Hot")
    assert one.gap == pytest.approx((5 - 0.001) / 5, abs=1e-3)


def test_a_reversed_question_is_suspected_by_name() -> None:
    units = cooks()
    units["speed"] = 6 - units["speed"]

    found = compare_with_vendor(units, KITCHENS)

    assert found.look_reversed[0].name == "speed"
    assert "speed looks reversed" in printed(units)


def test_where_all_but_a_few_agree_no_question_is_suspected() -> None:
    units = cooks()
    label = SegmentModel.from_catalogue(KITCHENS).label(units[list(KITCHENS.feature_names)].to_numpy())
    label[0] = 1 + label[0] % 3
    units["segment"] = pd.array(label, dtype="Int64")

    found = compare_with_vendor(units, KITCHENS)

    assert (found.units, found.agreeing) == (300, 299)
    assert not found.look_reversed


def test_a_feature_without_which_no_label_would_change_hardly_matters() -> None:
    assert [effect.name for effect in compare_with_vendor(cooks(), KITCHENS).hardly_matter] in ([], ["noise"])
    assert compare_with_vendor(cooks(), KITCHENS).features[0].name == "noise"


def test_z_scores_typed_as_answers_leave_segments_empty_and_are_suspected() -> None:
    wrong = [
        dict(segment, centroid=centroid)
        for segment, centroid in zip(DOCUMENT["segments"], [[-0.5, -0.9, 0], [0.2, -1, 0], [0.5, 0.8, 0]], strict=True)
    ]
    features = [{"name": name} for name in KITCHENS.feature_names]
    catalogue = Catalogue.model_validate(DOCUMENT | {"features": features, "segments": wrong})

    text = printed(cooks(), catalogue)

    assert "Nobody gets" in text
    assert "z-scores" in text


def test_units_without_a_vendor_label_or_with_too_few_answers_are_counted_apart() -> None:
    units = cooks()
    units.loc[0, "segment"] = pd.NA
    units.loc[1, ["spice", "speed"]] = np.nan

    found = compare_with_vendor(units, KITCHENS)

    assert (found.units, found.without_label) == (299, 1)
    assert found.counts[:, -1].sum() == 1
    assert [one.by_rule for one in found.differences if one.unit_id == "c1"] == [None]


def test_a_file_without_the_vendors_labels_is_refused_with_the_way_out() -> None:
    with pytest.raises(SurveyFileError, match=r"column \(LABEL=…, by default 'segment'\) with ids or codes"):
        compare_with_vendor(cooks().assign(segment=pd.array([pd.NA] * 300, dtype="Int64")), KITCHENS)
