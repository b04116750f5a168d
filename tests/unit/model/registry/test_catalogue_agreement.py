from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_model.errors import RegistryConflictError
from dtc_model.registry.catalogue_agreement import check_unchanged
from dtc_model.rule import SegmentModel


def changed(catalogue: Catalogue, part: str, position: int, **update: Any) -> Catalogue:
    entries = list(getattr(catalogue, part))
    entries[position] = entries[position].model_copy(update=update)
    return catalogue.model_copy(update={part: tuple(entries)})


def test_the_same_catalogue_passes_whatever_its_descriptions_say(small_catalogue: Catalogue) -> None:
    registered = SegmentModel.from_json(SegmentModel.from_catalogue(small_catalogue).to_json())
    check_unchanged(registered, changed(small_catalogue, "segments", 0, description="Counts every coin."))


@pytest.mark.parametrize(
    ("part", "position", "update", "named"),
    [
        ("segments", 0, {"name": "Frugal Fritz"}, "persona 7 is named 'Frugal Fritz', registered as 'Thrifty Theo'"),
        ("segments", 1, {"id": 4}, "persona ids are 7, 4, registered are 7, 3"),
        (
            "segments",
            1,
            {"centroid": (4.0, 5.0, 10.5)},
            "centroid of 'Green Greta' has visits = 10.5, registered with 10.0",
        ),
        ("features", 1, {"name": "prestige"}, "features are price, prestige, visits"),
        ("features", 2, {"scale": 5.0}, "'visits' has the scale 5, registered with 10"),
    ],
)
def test_a_changed_catalogue_is_refused_with_the_difference_and_the_way_out(
    small_catalogue: Catalogue, part: str, position: int, update: dict[str, Any], named: str
) -> None:
    registered = SegmentModel.from_catalogue(small_catalogue)
    with pytest.raises(RegistryConflictError) as refused:
        check_unchanged(registered, changed(small_catalogue, part, position, **update))
    assert named in str(refused.value)
    assert "restore the catalogue file" in str(refused.value)


def test_a_reordered_catalogue_is_a_changed_one(small_catalogue: Catalogue) -> None:
    turned = small_catalogue.model_copy(update={"segments": small_catalogue.segments[::-1]})
    with pytest.raises(RegistryConflictError, match="persona ids"):
        check_unchanged(SegmentModel.from_catalogue(small_catalogue), turned)
