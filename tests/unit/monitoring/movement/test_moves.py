"""Who moved between two waves, and what led to the later segment."""

import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_model.rule import SegmentModel
from dtc_monitoring.movement import (
    GONE,
    NEW,
    Movement,
    draw_movement,
    explain_moves,
    flow_table,
    movement_lines,
    path_lines,
)

JUNE, JULY = Wave(2011, 6), Wave(2011, 7)
CAUSES = {"aged": "nothing changed but time", "bought": "bought"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Customers who bought lately and long ago."""
    return Catalogue.model_validate(
        {
            "name": "value",
            "unit": "customer",
            "unit_table": "value",
            "registered_model": "value",
            "features": [{"name": "recency_days"}],
            "segments": [
                {"id": 4, "name": "Active", "centroid": [10]},
                {"id": 2, "name": "Fading", "centroid": [60]},
                {"id": 7, "name": "Asleep", "centroid": [150]},
            ],
        }
    )


def wave(labels: dict[str, int], version: str = "1") -> pd.DataFrame:
    ids, segments = list(labels), list(labels.values())
    return pd.DataFrame({"unit_id": ids, "segment": pd.array(segments, dtype="Int64"), "model_version": version})


def step(**recency: float) -> pd.DataFrame:
    return pd.DataFrame({"recency_days": recency}).rename_axis("unit_id")


def moved(catalogue: Catalogue, later_version: str = "1", **later: int) -> Movement:
    before = wave({"slept": 2, "came back": 7, "stayed": 4, "woke": 7, "left": 7, "renamed": 4})
    after = wave({"slept": 7, "came back": 4, "stayed": 4, "woke": 7, "renamed": 4, "first": 4} | later, later_version)
    steps = {
        "aged": step(**{"slept": 140, "came back": 170, "stayed": 40, "woke": 170, "left": 190, "renamed": 20}),
        "bought": step(**{"slept": 140, "came back": 2, "stayed": 5, "woke": 170, "renamed": 20, "first": 3}),
    }
    model = SegmentModel.from_catalogue(catalogue)
    return explain_moves((before, after), steps, model, catalogue, waves=(JUNE, JULY), causes=CAUSES)


def of(movement: Movement, unit: str) -> list[str]:
    found = movement.moves[movement.moves["unit_id"] == unit]
    (move,) = found[["from_segment", "to_segment", "cause"]].astype(str).to_numpy().tolist()
    return list(move)


def test_the_cause_is_the_last_step_that_changed_the_segment(catalogue: Catalogue) -> None:
    movement = moved(catalogue)

    assert of(movement, "slept") == ["Fading", "Asleep", "aged"]
    assert of(movement, "came back") == ["Asleep", "Active", "bought"]
    assert of(movement, "first") == [NEW, "Active", "bought"]
    assert of(movement, "left")[1] == GONE
    assert [of(movement, unit)[2] for unit in ("stayed", "woke", "renamed")] == ["", "", ""]


def test_what_another_version_changed_is_told_apart(catalogue: Catalogue) -> None:
    movement = moved(catalogue, "2", renamed=2)

    assert of(movement, "renamed") == ["Active", "Fading", "model"]
    assert (movement.changed_by_model, movement.versions) == (1, ("1", "2"))
    assert "  of these, 1 by version 2 in the place of 1 alone (model)" in movement_lines(movement, catalogue.words)


def test_where_one_thing_can_happen_it_is_not_said_of_those_that_came_or_went(catalogue: Catalogue) -> None:
    units = wave({"a": 4, "b": 2, "gone": 7}), wave({"a": 4, "b": 7, "new": 4})
    model = SegmentModel.from_catalogue(catalogue)
    steps = {"store": step(a=10, b=150, new=10)}
    movement = explain_moves(units, steps, model, catalogue, waves=(JUNE, JULY), causes={"store": "the store changed"})

    _, *lines = movement_lines(movement, catalogue.words)
    assert lines[0] == "  the store changed: 1"
    assert set(lines[1:]) == {
        "    Fading → Asleep: 1 (the store changed)",
        "    Asleep → not there any more: 1",
        "    not there before → Active: 1",
    }


def test_shares_are_of_those_in_both_waves(catalogue: Catalogue) -> None:
    told = moved(catalogue).to_dict()

    assert (told["in_both"], told["new"], told["gone"]) == (5, 1, 1)
    assert told["changed_share"] == pytest.approx(2 / 5)
    assert told["causes"]["aged"] == 1
    assert sum(flow["units"] for flow in told["flows"]) == 7


def test_one_customer_can_be_followed(catalogue: Catalogue) -> None:
    movement = moved(catalogue)

    assert path_lines([movement], "came back") == ["2011-07: Asleep → Active (bought)"]
    assert path_lines([movement], "first") == ["2011-07: came as Active (bought)"]
    assert path_lines([movement], "stayed") == ["2011-07: stayed Active"]
    assert path_lines([movement], "nobody") == []


def test_table_and_picture_show_every_wave(catalogue: Catalogue) -> None:
    movement = moved(catalogue)

    assert flow_table([movement, movement])["units"].sum() == 14
    figure = draw_movement([movement, movement], catalogue.segment_names, "Value")
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2011-06", "2011-07", "2011-07"]
    ribbons = len(movement.moves.drop_duplicates(["from_segment", "to_segment"]))
    columns = movement.moves["from_segment"].nunique() + movement.moves["to_segment"].nunique()
    assert len(axes.patches) == 2 * (ribbons + columns)
