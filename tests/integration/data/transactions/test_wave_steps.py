"""What customers would be between two months' ends, if only so much had happened."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Wave
from dtc_data.synthetic import write_planted_transactions
from dtc_data.transactions import (
    CAUSES,
    customer_features,
    ingest_transactions,
    read_lines,
    steps_between_waves,
)
from fakes.transaction_files import SHOP, line, write_lines
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

JUNE, JULY = Wave(2011, 6), Wave(2011, 7)


def test_each_step_lets_one_thing_happen(tmp_path: Path, engine: Engine) -> None:
    lines = [
        line(order="1", time="2011-01-10 10:00", customer="old", pieces="2"),  # leaves the window in July
        line(order="2", time="2011-06-10 10:00", customer="old"),
        line(order="3", time="2011-06-20 10:00", customer="buyer"),
        line(order="4", time="2011-07-05 10:00", customer="buyer"),
        line(order="5", time="2011-06-01 10:00", customer="returner", pieces="3"),
        line(order="6", time="2011-06-02 10:00", customer="returner"),
        line(order="C7", time="2011-07-06 10:00", customer="returner", pieces="-3"),
    ]
    ingest_transactions(engine, write_lines(tmp_path / "lines.csv", lines), SHOP)
    late = write_lines(tmp_path / "late.csv", [line(order="8", time="2011-06-12 10:00", customer="late")])
    ingest_transactions(engine, late, SHOP, arrived_at=datetime(2011, 7, 10, tzinfo=UTC))

    (found,) = steps_between_waves(engine, JUNE, JULY)

    assert (found.before, found.after, list(found.steps)) == (JUNE, JULY, list(CAUSES))
    frequency = {
        customer: [int(features["frequency"].get(customer, 0)) for features in found.steps.values()]
        for customer in ("old", "buyer", "returner", "late")
    }
    assert frequency["old"] == [2, 1, 1, 1, 1]
    assert frequency["buyer"] == [1, 1, 1, 1, 2]
    assert frequency["returner"] == [2, 2, 1, 1, 1]
    assert frequency["late"] == [0, 0, 0, 1, 1]
    aged, left = (found.steps[cause]["recency_days"] for cause in ("aged", "left"))
    assert aged["buyer"] == pytest.approx(left["buyer"])


def test_the_last_step_is_the_later_wave(tmp_path: Path, engine: Engine) -> None:
    write_planted_transactions(tmp_path / "shop.parquet", 200, Wave(2024, 1), 9, seed=3)
    ingest_transactions(engine, tmp_path / "shop.parquet")
    lines, _ = read_lines(tmp_path / "shop.parquet")

    steps = steps_between_waves(engine, Wave(2024, 7), Wave(2024, 9))

    assert [(str(one.before), str(one.after)) for one in steps] == [("2024-07", "2024-08"), ("2024-08", "2024-09")]
    for one in steps:
        expected = customer_features(lines, one.after).set_index("customer_id")
        pd.testing.assert_frame_equal(one.steps["bought"], expected, check_dtype=False, check_exact=True)
        before = customer_features(lines, one.before).set_index("customer_id")
        pd.testing.assert_series_equal(one.steps["aged"]["monetary"], before["monetary"], check_exact=True)
