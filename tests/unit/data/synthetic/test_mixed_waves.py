"""Synthetic waves with features of every type."""

import pandas as pd
from dtc_data import Wave
from dtc_data.catalogue import answer_matrix
from dtc_data.synthetic import make_wave
from dtc_data.tables.unit_frame import checked_units
from fakes.mixed_features import mixed_catalogue

MIXED, JANUARY = mixed_catalogue(), Wave(2025, 1)


def test_categories_and_yes_or_no_are_drawn_by_the_shares_of_the_segment() -> None:
    wave = make_wave(MIXED, 20_000, 1, 1, JANUARY)
    struggling = wave[wave["segment"] == 2]
    assert abs((struggling["region"] == "south").mean() - 0.75) < 0.02
    assert not (struggling["region"] == "abroad").any()
    assert abs(struggling["owns_car"].mean() - 0.75) < 0.02
    assert (wave.loc[wave["segment"] == 1, "region"] == "north").all()


def test_every_answer_is_one_that_the_table_takes() -> None:
    wave = make_wave(MIXED, 2_000, 3, 2, JANUARY)
    checked = checked_units(wave, MIXED)
    assert answer_matrix(checked, MIXED.features).tolist() == answer_matrix(wave, MIXED.features).tolist()


def test_the_same_seed_gives_the_same_rows_and_another_one_others() -> None:
    wave, again, other = (make_wave(MIXED, 200, 1, seed, JANUARY) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(wave, again)
    assert (wave["region"] != other["region"]).any()


def test_a_catalogue_of_nothing_but_categories_can_be_drawn_from() -> None:
    only = mixed_catalogue(
        features=[{"name": "kind", "type": "category", "values": ["a", "b"], "shares": [0.5, 0.5]}],
        segments=[{"id": 1, "name": "A", "centroid": ["a"]}, {"id": 2, "name": "B", "centroid": ["b"]}],
    )
    wave = make_wave(only, 100, 1, 1, JANUARY)
    assert (wave["kind"].map({"a": 1, "b": 2}) == wave["segment"]).all()
