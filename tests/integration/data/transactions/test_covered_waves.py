"""Which months the transactions cover whole, with their lookback."""

from pathlib import Path

import pytest
from dtc_data import Wave
from dtc_data.tables import files_taken, transaction
from dtc_data.transactions import covered_waves, ingest_transactions
from fakes.transaction_files import SHOP, line, write_lines
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


def test_a_month_counts_that_ends_after_the_first_lookback_and_before_the_last_line(
    tmp_path: Path, engine: Engine
) -> None:
    lines = [line(order="1", time="2011-01-01 10:00"), line(order="2", time="2011-09-09 10:00")]
    ingest_transactions(engine, write_lines(tmp_path / "lines.csv", lines), SHOP)

    with transaction(engine) as connection:
        waves, a_month = covered_waves(connection), covered_waves(connection, 30)
        assert files_taken(connection) == ["lines.csv"]

    assert waves == [Wave(2011, 6), Wave(2011, 7), Wave(2011, 8)]
    assert a_month[0] == Wave(2011, 1)


@pytest.mark.parametrize(("last", "ends"), [("2011-08-31 17:55", Wave(2011, 8)), ("2011-08-30 17:55", Wave(2011, 7))])
def test_a_month_is_whole_whose_last_day_has_lines_though_the_shop_closes_before_midnight(
    last: str, ends: Wave, tmp_path: Path, engine: Engine
) -> None:
    lines = [line(order="1", time="2011-01-01 10:00"), line(order="2", time=last)]
    ingest_transactions(engine, write_lines(tmp_path / "lines.csv", lines), SHOP)

    with transaction(engine) as connection:
        assert covered_waves(connection)[-1] == ends


def test_without_lines_there_are_none(engine: Engine) -> None:
    with transaction(engine) as connection:
        assert (covered_waves(connection), files_taken(connection)) == ([], [])
