import json

import numpy as np
import pandas as pd
import pytest
from dtc_model.discovery import Discovery, PlantedMixture, discover
from dtc_model.profiles import PlannerMove, held_units, review_moves


@pytest.fixture(scope="module")
def stores() -> tuple[pd.DataFrame, Discovery]:
    features, _ = PlantedMixture.plant(noise="low", seed=4).draw(200)
    return features, discover(features, n_bootstraps=1)


def moved(found: Discovery, by: int = 1) -> PlannerMove:
    return PlannerMove("unit 1", (int(found.labels[0]) + by) % 6, "it will be rebuilt", "Planning", "2025-01")


def test_a_move_that_the_data_contradict_is_flagged_after_two_waves(stores: tuple[pd.DataFrame, Discovery]) -> None:
    features, found = stores
    moves = [moved(found)]
    flagged = []
    for wave in ("2025-01", "2025-02", "2025-02", "2025-03"):
        moves = review_moves(moves, found.document, features, wave)
        flagged.append(moves[0].is_flagged)
    assert flagged == [False, False, False, True]
    assert moves[0].contradicted_in == ("2025-02", "2025-03")
    assert moves[0].words.endswith("contradict that in 2025-02, 2025-03: confirm the move, or take it back")


def test_a_wave_that_agrees_begins_the_count_again(stores: tuple[pd.DataFrame, Discovery]) -> None:
    features, found = stores
    move = moved(found)
    like_that_segment = features.iloc[[int(np.flatnonzero(found.labels == move.segment_id)[0])]].set_axis(["unit 1"])
    moves = review_moves([move], found.document, features, "2025-02")
    moves = review_moves(moves, found.document, like_that_segment, "2025-03")
    assert moves[0].contradicted_in == ()
    moves = review_moves(moves, found.document, features, "2025-04")
    assert not moves[0].is_flagged


def test_a_store_that_is_not_in_the_wave_keeps_its_move(stores: tuple[pd.DataFrame, Discovery]) -> None:
    features, found = stores
    move = moved(found)
    assert review_moves([move], found.document, features.iloc[1:], "2025-02") == [move]
    assert review_moves([], found.document, features, "2025-02") == []


def test_a_move_survives_a_refit_and_does_not_hide_what_the_data_say(stores: tuple[pd.DataFrame, Discovery]) -> None:
    features, found = stores
    moves = [moved(found)]
    for wave in ("2025-02", "2025-03"):
        found = discover(features, production=found.document, held=held_units(moves), n_bootstraps=1)
        assert found.labels[0] == moves[0].segment_id
        moves = review_moves(moves, found.document, features, wave)
    assert moves[0].is_flagged


def test_the_latest_move_of_a_store_counts(stores: tuple[pd.DataFrame, Discovery]) -> None:
    _, found = stores
    first, second = moved(found, 1), moved(found, 2)
    later = PlannerMove(second.unit_id, second.segment_id, "after all", "Planning", "2025-03")
    assert held_units([later, first]) == {"unit 1": later.segment_id}


def test_a_move_is_recorded_as_json_and_read_again(stores: tuple[pd.DataFrame, Discovery]) -> None:
    features, found = stores
    move = review_moves([moved(found)], found.document, features, "2025-02")[0]
    assert PlannerMove.from_dict(json.loads(json.dumps(move.to_dict()))) == move
