"""A sample of a large wave: chosen by a hash of ids, the same every time, whatever the ids look like."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import UnitTable, WaveSample, mean_error, share_error, transaction
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

JANUARY, MARCH = Wave(2025, 1), Wave(2025, 3)


def units(wave: Wave, count: int) -> pd.DataFrame:
    ecology = np.arange(count) % 2
    return pd.DataFrame(
        {
            "unit_id": [f"c{number:06d}" for number in range(count)],
            "date": wave.start,
            "price": np.linspace(0, 2, count),
            "ecology": ecology,
            "visits": 3,
        }
    )


@pytest.fixture
def table(engine: Engine, small_catalogue: Catalogue) -> UnitTable:
    """Four thousand respondents in January, and as many in March."""
    found = UnitTable(small_catalogue)
    with transaction(engine) as connection:
        found.create(connection)
        found.ingest(connection, pd.concat([units(wave, 4_000) for wave in (JANUARY, MARCH)]))
    return found


def test_a_sample_is_of_the_stated_size_and_the_same_every_time(engine: Engine, table: UnitTable) -> None:
    with transaction(engine) as connection:
        sample = table.sample(connection, MARCH, 1_000)
        first, again, earlier = (table.load(connection, wave, sample) for wave in (MARCH, MARCH, JANUARY))

    assert (sample.units, sample.is_part) == (4_000, True)
    assert sample.share == pytest.approx(0.25, abs=1e-6)
    assert 900 < len(first) < 1_100
    pd.testing.assert_frame_equal(first, again)
    assert first["unit_id"].tolist() == earlier["unit_id"].tolist()  # who comes back is in both samples
    by_hand = [name for name in units(MARCH, 4_000)["unit_id"] if _hash(name) < sample.below]
    assert first["unit_id"].tolist() == by_hand


def test_the_sample_is_off_by_no_more_than_is_said(engine: Engine, table: UnitTable) -> None:
    with transaction(engine) as connection:
        taken = table.load(connection, MARCH, table.sample(connection, MARCH, 1_000))
        whole = table.load(connection, MARCH)

    assert abs(taken["ecology"].mean() - whole["ecology"].mean()) < share_error(len(taken), len(whole))
    spread = whole["price"].std()
    assert abs(taken["price"].mean() - whole["price"].mean()) < mean_error(len(taken), len(whole)) * spread


def test_a_wave_that_is_not_larger_is_taken_whole(engine: Engine, table: UnitTable) -> None:
    with transaction(engine) as connection:
        sample = table.sample(connection, MARCH, 4_000)
        assert len(table.load(connection, MARCH, sample)) == 4_000
        assert len(table.newcomers(connection, MARCH, sample)) == 0
        assert len(table.newcomers(connection, JANUARY, table.sample(connection, JANUARY, 1_000))) < 1_100
    assert not sample.is_part


def test_errors_shrink_with_the_sample_and_vanish_with_everybody() -> None:
    assert share_error(200_000, 5_000_000) == pytest.approx(0.00215, abs=1e-5)
    assert mean_error(200_000, 5_000_000) == pytest.approx(0.0043, abs=1e-4)
    assert share_error(1_000, 1_000) == 0


def test_shares_of_many_samples_are_off_as_often_as_is_said() -> None:
    names = [f"{wave}/{number}" for wave in range(200) for number in range(4_000)]
    below = WaveSample.of(4_000, 1_000).below
    taken = np.array([_hash(name) < below for name in names]).reshape(200, 4_000)
    ecology = np.arange(4_000) % 2
    off = [abs(ecology[rows].mean() - 0.5) > share_error(int(rows.sum()), 4_000) for rows in taken]
    assert np.mean(off) < 0.1


def _hash(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()[:8]  # noqa: S324 - no secret: chooses a sample
