"""Synthetic waves: where the respondents lie, and that the same arguments give the same ones."""

import math

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import SettingsError
from dtc_data.synthetic import make_wave
from dtc_data.synthetic.scattered_wave import units_per_segment
from fakes.shared_data import SHARED_DATA
from hypothesis import given
from hypothesis import strategies as st

JANUARY = Wave(2025, 1)
SNAPSHOTS = SHARED_DATA / "dtc_snapshots"


@pytest.mark.skipif(
    not SNAPSHOTS.is_dir(), reason=f"{SNAPSHOTS} is absent: another implementation's months to compare with"
)
@pytest.mark.parametrize(
    ("file", "std_dev", "seed", "wave"), [("january", 2, 42, JANUARY), ("march", 3.1, 5977, Wave(2025, 3))]
)
def test_months_equal_those_of_another_implementation(
    file: str, std_dev: float, seed: int, wave: Wave, catalogue: Catalogue
) -> None:
    theirs = pd.read_csv(SNAPSHOTS / f"{file}.csv", parse_dates=["date"])

    ours = make_wave(catalogue, 500, std_dev, seed, wave, labelled=bool(theirs["persona"].notna().all()))

    features = list(catalogue.feature_names)
    np.testing.assert_allclose(ours[features].to_numpy(), theirs[features].to_numpy(), rtol=0, atol=1e-9)
    assert ours["date"].dt.tz_localize(None).tolist() == theirs["date"].tolist()
    assert ours["segment"].tolist() == theirs["persona"].astype("Int64").tolist()


def test_a_wave_has_the_columns_of_its_catalogue(small_catalogue: Catalogue) -> None:
    wave = make_wave(small_catalogue, 5, 1.5, 0, Wave(2024, 2))

    assert list(wave.columns) == ["unit_id", "date", "price", "ecology", "visits", "segment"]
    assert wave["unit_id"].tolist() == [f"2024-02-000{number}" for number in range(1, 6)]
    assert (wave["date"] == pd.Timestamp("2024-02-01", tz="UTC")).all()
    assert set(wave["segment"]) == {7, 3}


def test_an_unlabelled_wave_has_the_same_rows_without_segments(small_catalogue: Catalogue) -> None:
    labelled = make_wave(small_catalogue, 50, 1.5, 0, JANUARY)
    unlabelled = make_wave(small_catalogue, 50, 1.5, 0, JANUARY, labelled=False)

    assert unlabelled["segment"].isna().all()
    pd.testing.assert_frame_equal(unlabelled.drop(columns="segment"), labelled.drop(columns="segment"))


def test_the_seed_decides_which_units_come_out(small_catalogue: Catalogue) -> None:
    one, same, other = (make_wave(small_catalogue, 50, 1.5, seed, JANUARY) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(one, same)
    assert not np.allclose(one["price"], other["price"])


def test_units_scatter_around_the_centroid_of_their_segment(small_catalogue: Catalogue) -> None:
    wave = make_wave(small_catalogue, 20_000, 3, 1, JANUARY)

    for segment_id, centroid in zip(small_catalogue.segment_ids, small_catalogue.centroids, strict=True):
        own = wave.loc[wave["segment"] == segment_id, list(small_catalogue.feature_names)]
        np.testing.assert_allclose(own.mean(), centroid, atol=0.15)
        np.testing.assert_allclose(own.std(), 3, atol=0.15)


def test_shares_set_how_many_units_each_segment_gets(catalogue: Catalogue) -> None:
    wave = make_wave(catalogue, 500, 2, 1, JANUARY, shares=(60, 30, 10))

    assert wave["segment"].value_counts().to_dict() == {0: 300, 1: 150, 2: 50}


def test_a_segment_without_a_share_gets_nobody(catalogue: Catalogue) -> None:
    assert set(make_wave(catalogue, 10, 2, 1, JANUARY, shares=(0, 1, 1))["segment"]) == {1, 2}


def test_no_answer_leaves_the_range_of_its_feature(small_catalogue: Catalogue) -> None:
    limited = Catalogue.model_validate(
        small_catalogue.model_dump()
        | {"features": [{"name": name, "minimum": 0, "maximum": 30} for name in ("a", "b", "c")]}
    )

    answers = make_wave(limited, 1_000, 10, 1, JANUARY)[["a", "b", "c"]].to_numpy()

    assert answers.min() == 0
    assert answers.max() == 30


def test_a_large_wave_has_unique_ids_that_sort_like_its_rows(small_catalogue: Catalogue) -> None:
    ids = make_wave(small_catalogue, 12_345, 1, 1, JANUARY)["unit_id"]

    assert ids.is_unique
    assert ids.is_monotonic_increasing


@given(shares=st.lists(st.floats(0, 1e6), min_size=3, max_size=3).filter(any), n_units=st.integers(1, 10_000))
def test_parts_sum_to_the_whole_and_are_less_than_one_away_from_their_share(
    shares: list[float], n_units: int, catalogue: Catalogue
) -> None:
    counts = units_per_segment(n_units, shares, catalogue)

    exact = np.array(shares) / sum(shares) * n_units
    assert sum(counts) == n_units
    assert np.abs(np.array(counts) - exact).max() < 1 + 1e-6


@pytest.mark.parametrize("n_units", [0, -1])
def test_a_wave_of_nobody_is_refused(n_units: int, catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match=f"n_units is {n_units}"):
        make_wave(catalogue, n_units, 2, 1, JANUARY)


@pytest.mark.parametrize("std_dev", [0, -2.0, math.nan, math.inf])
def test_a_spread_that_is_no_positive_number_is_refused(std_dev: float, catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match="std_dev is"):
        make_wave(catalogue, 10, std_dev, 1, JANUARY)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed: int, catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match=f"seed is {seed}"):
        make_wave(catalogue, 10, 2, seed, JANUARY)


@pytest.mark.parametrize(
    "shares", [(), (1, 1), (1, 1, 1, 1), (0, 0, 0), (-1, 1, 1), (math.nan, 1, 1), (math.inf, 1, 1)]
)
def test_shares_that_fit_no_segment_are_refused(shares: tuple[float, ...], catalogue: Catalogue) -> None:
    with pytest.raises(SettingsError, match="shares"):
        make_wave(catalogue, 10, 2, 1, JANUARY, shares=shares)
