from typing import Any

import pytest
from dtc_data import Catalogue
from dtc_data.catalogue.catalogue_schema import MissingAnswers
from dtc_model.errors import RegistryConflictError
from dtc_model.registry.catalogue_edits import edits, refuse_edited, refuse_unadoptable, snapshot
from dtc_model.rule import SegmentModel


def changed(catalogue: Catalogue, part: str, position: int, **update: Any) -> Catalogue:
    entries = list(getattr(catalogue, part))
    entries[position] = entries[position].model_copy(update=update)
    return catalogue.model_copy(update={part: tuple(entries)})


def edited(catalogue: Catalogue, now: Catalogue, *, kept: bool = True) -> list[str]:
    """Compare a catalogue with the version that another one became, which kept that one or, as older ones, its model alone."""
    registered = SegmentModel.from_json(SegmentModel.from_catalogue(catalogue).to_json())
    return edits(registered, snapshot(catalogue) if kept else None, now)


FREE = [
    ("segments", 0, {"description": "Counts every coin."}),
    ("features", 1, {"description": "How much does it cost?"}),
]
MODEL = [
    ("segments", 0, {"name": "Frugal Fritz"}, "segment 7 is named 'Frugal Fritz', registered as 'Thrifty Theo'"),
    ("segments", 1, {"id": 4}, "segment ids are 7, 4, registered are 7, 3"),
    (
        "segments",
        1,
        {"centroid": (4.0, 5.0, 10.5)},
        "centroid of 'Green Greta' has visits = 10.5, registered with 10.0",
    ),
    ("features", 1, {"name": "prestige"}, "features are price, prestige, visits"),
    ("features", 2, {"scale": 5.0}, "'visits' has the scale 5, registered with 10"),
]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(("part", "position", "update"), FREE)
def test_what_only_people_read_may_change(
    small_catalogue: Catalogue, part: str, position: int, update: dict[str, Any], *, kept: bool
) -> None:
    now = changed(small_catalogue, part, position, **update)
    assert (
        edited(small_catalogue, now.model_copy(update={"name": "Another title", "source": "a letter"}), kept=kept) == []
    )


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(("part", "position", "update", "named"), MODEL)
def test_what_labels_rest_on_is_an_edit_and_named(  # noqa: PLR0913 - a case of the table
    small_catalogue: Catalogue, part: str, position: int, update: dict[str, Any], named: str, *, kept: bool
) -> None:
    found = edited(small_catalogue, changed(small_catalogue, part, position, **update), kept=kept)
    assert named in found[0]


def test_ranges_and_missing_answers_are_edits_too_where_the_version_kept_its_catalogue(
    small_catalogue: Catalogue,
) -> None:
    now = changed(small_catalogue, "features", 0, maximum=5.0)
    now = now.model_copy(update={"missing_answers": MissingAnswers(minimum_answered=2)})
    assert edited(small_catalogue, now) == [
        "missing_answers is {'minimum_answered': 2}, registered with {'minimum_answered': None}",
        "feature 'price' has maximum 5.0, registered with None",
    ]
    assert edited(small_catalogue, now, kept=False) == []


def test_a_kept_catalogue_that_is_none_today_leaves_the_model_to_be_compared(small_catalogue: Catalogue) -> None:
    registered = SegmentModel.from_catalogue(small_catalogue)
    assert edits(registered, {"name": "of the future", "kind": "tree"}, small_catalogue) == []


def test_a_reordered_catalogue_is_an_edited_one(small_catalogue: Catalogue) -> None:
    turned = small_catalogue.model_copy(update={"segments": small_catalogue.segments[::-1]})
    (found,) = edited(small_catalogue, turned)
    assert found.startswith("its segment ids are 3, 7")


def test_a_refusal_names_the_first_edit_and_both_commands(small_catalogue: Catalogue) -> None:
    refuse_edited([], small_catalogue, "1", "make {}".format)
    with pytest.raises(RegistryConflictError) as refused:
        refuse_edited(["one thing", "another"], small_catalogue, "4", "make {} SEGMENTATION=small".format)
    words = str(refused.value)
    assert "since it became version 4 of 'small_model': one thing (and 1 more)" in words
    assert "`make catalogue_changes SEGMENTATION=small`" in words
    assert "`make adopt_catalogue BY=... WHY=... SEGMENTATION=small`" in words
    assert "or restore the catalogue file" in words


@pytest.mark.parametrize(
    ("part", "position", "update", "refused"),
    [
        ("features", 1, {"name": "prestige"}, "no version can have others"),
        ("segments", 1, {"id": 4}, "id 3 is gone from the catalogue 'small'"),
        ("segments", 0, {"name": "Frugal Fritz"}, None),
        ("segments", 0, {"centroid": (1.0, 2.0, 3.0)}, None),
        ("features", 0, {"scale": 2.0}, None),
    ],
)
def test_features_and_ids_are_what_no_version_can_change(
    small_catalogue: Catalogue, part: str, position: int, update: dict[str, Any], refused: str | None
) -> None:
    registered = SegmentModel.from_catalogue(small_catalogue)
    now = changed(small_catalogue, part, position, **update)
    if refused is None:
        refuse_unadoptable(registered, now)
        return
    with pytest.raises(RegistryConflictError, match=refused):
        refuse_unadoptable(registered, now)


def test_a_further_segment_can_be_adopted(small_catalogue: Catalogue) -> None:
    third = small_catalogue.segments[0].model_copy(update={"id": 9, "name": "New Nora", "centroid": (0.0, 0.0, 0.0)})
    now = small_catalogue.model_copy(update={"segments": (*small_catalogue.segments, third)})
    refuse_unadoptable(SegmentModel.from_catalogue(small_catalogue), now)
    assert edited(small_catalogue, now) == ["its segment ids are 7, 3, 9, registered are 7, 3"]
