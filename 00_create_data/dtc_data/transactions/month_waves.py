"""Lines out of the transactions table, and the monthly waves of customers that are made of them."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd
import pyarrow.parquet as pq
from sqlalchemy import Connection, Engine

from dtc_data.catalogue import Catalogue
from dtc_data.core import SettingsError, TransactionsError, Wave
from dtc_data.tables import (
    CustomerWave,
    CustomerWaveTable,
    IngestResult,
    copy_lines_to_file,
    first_line_at,
    last_line_at,
    transaction,
)
from dtc_data.transactions.cutoffs import LOOKBACK_DAYS, checked_lookback
from dtc_data.transactions.line_database import line_database
from dtc_data.transactions.line_reading import frame_of_lines
from dtc_data.transactions.line_sql import LINE_COLUMNS, current_lines
from dtc_data.transactions.segmentation_table import SegmentationTable
from dtc_data.transactions.wave_features import FEATURES, customer_statuses, customer_waves

_EVER: Final = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_A_DAY: Final = timedelta(days=1)
_CLOSED: Final = timedelta(days=3)
"""How long before a month's end its last line may lie for a check that nobody watches: a weekend and a holiday."""
_TYPES: Final = {
    "quantity": "DOUBLE",
    "unit_price": "DOUBLE",
    "amount": "DOUBLE",
    "discount": "DOUBLE",
} | dict.fromkeys(("ordered_at", "arrived_at"), "TIMESTAMPTZ")


@dataclass(frozen=True)
class WaveMade:
    """What making a wave did."""

    made: CustomerWave
    customers: int
    """Who bought in the lookback."""
    others: int
    """Who has lines in the lookback and no purchase that lasted: no features and no segment."""
    changed: bool
    ingested: IngestResult | None = None
    """What that did to the segmentation's table; None without a segmentation, and where the lookback is not covered."""
    breaks_off: datetime | None = None
    """When the last line was ordered, if that is a day or more before the month's end; None otherwise."""

    def __str__(self) -> str:
        others = f", {self.others:,} more without a purchase that lasted" if self.others else ""
        done = "written" if self.changed else "made before"
        warning = (
            "" if self.made.is_covered else "; no lines from before the lookback: not to be compared with other waves"
        )
        if self.breaks_off:
            warning += f"; the transactions end on {self.breaks_off:%Y-%m-%d}: if more of this month come, make it again with --replace"
        ingested = f"; {self.ingested}" if self.ingested else ""
        bought = (
            f"{self.customers:,} customer{'' if self.customers == 1 else 's'} bought in {self.made.lookback_days} days"
        )
        return f"{self.made.wave}: {bought}{others}; {done}{ingested}{warning}"


def stored_lines(engine: Engine, since: datetime | None = None, until: datetime | None = None) -> pd.DataFrame:
    """Return the lines of the transactions table that count, as `dtc_data.transactions.read_lines` returns those of a file.

    Parameters
    ----------
    engine : Engine
        Of the customer database.
    since, until : datetime, optional
        Lines ordered from then on, and both ordered and arrived before; all by default.

    Raises
    ------
    TransactionsError
        If no file was ingested yet.
    """
    with transaction(engine) as connection, lines_file(connection, since or _EVER[0], until or _EVER[1]) as path:
        return frame_of_lines(pq.read_table(path))


def make_customer_waves(  # noqa: PLR0913 - which months and how; most by keyword
    engine: Engine,
    first: Wave,
    last: Wave,
    lookback_days: int | None = None,
    *,
    catalogue: Catalogue | None = None,
    replace: bool = False,
    whole: bool = False,
) -> list[WaveMade]:
    """Make the waves of customers from month to month out of the transactions table, in one pass and one transaction.

    Parameters
    ----------
    engine : Engine
        Of the customer database.
    first, last : Wave
        The first and the last month; the cutoff of each is its end in UTC.
    lookback_days : int, optional
        Stored with each wave. The catalogue's, or `LOOKBACK_DAYS` without one.
    catalogue : Catalogue, optional
        Of a segmentation of customers: its table gets those who bought, with the features that it names.
    replace : bool
        Whether waves give way that are there with other customers or features. Their labels go with them.
    whole : bool
        Whether a month is refused that breaks off days before its end and was not made before: nobody may be there to
        see that it does, and its customers would seem to have aged.

    Raises
    ------
    SettingsError
        If the months are in the wrong order, there is no lookback, or it is not the catalogue's.
    TransactionsError
        If no file was ingested yet, or the transactions end before the last month begins, or where it must be whole before it ends.
    UnitTableError
        If a wave is there with other customers or features and must not be replaced, or the catalogue names features that
        are not made here.
    """
    segmentation = SegmentationTable.of(catalogue, FEATURES, lookback_days) if catalogue else None
    days = checked_lookback(
        segmentation.lookback_days if segmentation else LOOKBACK_DAYS if lookback_days is None else lookback_days
    )
    lookback = timedelta(days=days)
    waves = months_between(first, last)
    table = CustomerWaveTable(FEATURES)
    with transaction(engine) as connection:
        table.create(connection)
        start, end = first_line_at(connection), last_line_at(connection)
        _refuse_later_months(waves, end)
        if whole:
            made_before = {found.wave for found in table.waves(connection) if found.lookback_days == days}
            _refuse_months_that_break_off([wave for wave in waves if wave not in made_before], end)
        with lines_file(connection, first.end - lookback, last.end) as path:
            features = customer_waves(path, waves, days)
            statuses = customer_statuses(path, waves, days)
        made = []
        for wave in waves:
            seen = CustomerWave(wave, days, is_covered=start is not None and start <= wave.end - lookback)
            done = _write(connection, (table, segmentation), seen, features, statuses, replace=replace)
            made.append(dataclasses.replace(done, breaks_off=None if end is None or _is_whole(wave, end) else end))
    return made


def _refuse_later_months(waves: list[Wave], end: datetime | None) -> None:
    """Refuse months of which nothing was ingested: their customers would only have aged."""
    if end is not None and waves[-1].start > end:
        reached = max((wave for wave in waves if wave.start <= end), default=None)
        raise TransactionsError(
            f"there are no transactions of {waves[-1]}: they end on {end:%Y-%m-%d}. Ingest those of the month (make ingest_transactions FILE=…)"
            + (f", or make waves up to {reached}" if reached else "")
        )


def _refuse_months_that_break_off(waves: list[Wave], end: datetime | None) -> None:
    for wave in waves:
        if end is not None and not _is_whole(wave, end, _CLOSED):
            raise TransactionsError(
                f"the transactions end on {end:%Y-%m-%d}, days before {wave} does, so that its customers would seem to have aged. Ingest "
                "the rest of the month (make ingest_transactions FILE=…). If nothing more was sold in it, make the wave by hand: "
                f"make customer_waves FROM={wave} TO={wave} SEGMENTATION=…"
            )


def _is_whole(wave: Wave, end: datetime, closed: timedelta = _A_DAY) -> bool:
    """Tell whether the last line of all lies so near the month's end that nothing of the month seems to be missing."""
    return end >= wave.end - closed


def _write(  # noqa: PLR0913 - frames of all waves, of which one is written
    connection: Connection,
    tables: tuple[CustomerWaveTable, SegmentationTable | None],
    made: CustomerWave,
    features: pd.DataFrame,
    statuses: pd.DataFrame,
    *,
    replace: bool,
) -> WaveMade:
    table, segmentation = tables
    own, known = (frame[frame["cutoff"] == made.wave.end].drop(columns="cutoff") for frame in (features, statuses))
    customers = known.merge(own, on="customer_id", how="left", validate="one_to_one")
    changed = table.write(connection, made, customers.astype(dict.fromkeys(FEATURES, "float64")), replace=replace)
    ingested = segmentation.fill(connection, made, own, replace=replace) if segmentation else None
    return WaveMade(made, len(own), len(customers) - len(own), changed, ingested)


def load_customer_wave(connection: Connection, wave: Wave, lookback_days: int = LOOKBACK_DAYS) -> pd.DataFrame:
    """Read the customers of a wave who bought, ordered by customer_id.

    Returns
    -------
    DataFrame
        Columns customer_id, date (UTC, the last day of the month) and the features of
        `dtc_data.transactions.customer_features` (float64).

    Raises
    ------
    WaveError
        If the wave was not made.
    """
    return CustomerWaveTable(FEATURES).load(connection, wave, lookback_days)


def months_between(first: Wave, last: Wave) -> list[Wave]:
    """Return all months from the first to the last.

    Raises
    ------
    SettingsError
        If the last lies before the first.
    """
    if last < first:
        raise SettingsError(f"the waves go from {first} to {last}, but the last must not lie before the first")
    waves = [first]
    while waves[-1] < last:
        waves.append(waves[-1].next())
    return waves


def covered_waves(connection: Connection, lookback_days: int = LOOKBACK_DAYS) -> list[Wave]:
    """Return the months that the lines cover whole, with their lookback; none if no file was ingested yet.

    The last line may lie up to a day before a month's end: shops close at night.
    """
    first, last = first_line_at(connection), last_line_at(connection)
    if first is None or last is None:
        return []
    begin = first + timedelta(days=checked_lookback(lookback_days))
    wave, waves = Wave(begin.year, begin.month), []
    while _is_whole(wave, last):
        if wave.end >= begin:
            waves.append(wave)
        wave = wave.next()
    return waves


@contextmanager
def lines_file(connection: Connection, since: datetime, until: datetime) -> Iterator[Path]:
    """Write lines that count to a Parquet file that goes at the end of the block."""
    with TemporaryDirectory(prefix="dtc_lines_") as folder, line_database() as database:
        csv, parquet = Path(folder) / "lines.csv", Path(folder) / "lines.parquet"
        copy_lines_to_file(connection, csv, since, until)
        database.read_csv(str(csv), all_varchar=True, header=True).create_view("texts")
        typed = ", ".join(
            f"{name}::{_TYPES.get(name, 'VARCHAR')} AS {name}" for name in (*LINE_COLUMNS, "line_id", "treatment")
        )
        relation = f"(SELECT {typed}, place::BIGINT AS place FROM texts)"  # noqa: S608 - the names are ours
        kept = f"SELECT {', '.join(LINE_COLUMNS)} FROM ({current_lines(relation)})"  # noqa: S608 - likewise
        database.sql(kept).write_parquet(str(parquet))
        csv.unlink()
        yield parquet
