"""How units come into their table: new ones are inserted, those that are there already must be as before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import Connection, Table, inspect

from dtc_data.catalogue import PLAIN_WORDS, Words
from dtc_data.core import ALLOW_REPEATS, DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID, Unit, UnitTableError, Wave
from dtc_data.tables import statements
from dtc_data.tables.repeated_answers import Repeats, find_repeats, find_repeats_within
from dtc_data.tables.streams import ArrivingUnits, analyze, copy_into_temporary
from dtc_data.tables.table_schema import incoming_labels, incoming_units
from dtc_data.tables.unit_frame import checked_labels, checked_units
from dtc_data.tables.unit_rows import UnitRows


@dataclass(frozen=True)
class IngestResult:
    """What an ingestion did."""

    inserted: int
    """Units that were not in the table before."""
    unchanged: int
    """Units that were in it already, with the same answers."""
    words: Words = field(default=PLAIN_WORDS, compare=False)
    """What they are called."""
    repeated: int = 0
    """Inserted units with the same answers at another time of the same month; only where that is allowed."""

    def __str__(self) -> str:
        if self.inserted == 0:
            return f"nothing changed: all {self.unchanged:,} {self.words.units} were already there"
        twice = (
            f"; {self.repeated:,} of them count twice in their month now, with the same answers"
            if self.repeated
            else ""
        )
        return f"{self.inserted:,} {self.words.units} inserted, {self.unchanged:,} unchanged{twice}"


class UnitIngestion(UnitRows):
    """The rows of a unit table, and how further ones are added; see `UnitRows`."""

    def ingest(
        self, connection: Connection, units: pd.DataFrame | Iterable[pd.DataFrame], *, allow_repeats: bool = False
    ) -> IngestResult:
        """Ingest units; those that are there already must have the same answers.

        Parameters
        ----------
        connection : Connection
            In a transaction; a raised error must end it.
        units : DataFrame or iterable of DataFrame
            Columns unit_id, date and the features; segment, if the vendor gave any, and survey_weight if they have weights, as
            :func:`dtc_data.surveys.read_survey_file` and :func:`dtc_data.synthetic.make_wave` give them; or blocks with the
            same columns, as :func:`dtc_data.surveys.survey_blocks` gives them, of which one at a time is held in memory.
        allow_repeats : bool
            Whether respondents may give the same answers again at another time of the same month, and count twice.

        Raises
        ------
        UnitTableError
            If the table does not fit, a unit is there with other answers or another weight or segment from the
            vendor, with the same answers at another time of the month, or only some units of a wave would have weights;
            the message says who and where.
        """
        blocks = iter([units] if isinstance(units, pd.DataFrame) else units)
        first = checked_units(next(blocks), self.catalogue)
        table = self._lock(connection, weighted=SURVEY_WEIGHT in first)
        incoming = incoming_units(self.catalogue, weighted=SURVEY_WEIGHT in table.c)
        columns = [column.name for column in incoming.columns]
        arriving = ArrivingUnits(connection, table, incoming)
        arriving.add(first.reindex(columns=columns))
        del first
        for block in blocks:
            arriving.add(checked_units(block, self.catalogue).reindex(columns=columns))
        arriving.finish()
        repeats = self._repeats_of_copied(connection, table, arriving, allow_repeats=allow_repeats)
        inserted = arriving.copied
        if arriving.waiting:
            added, more = self._insert_waiting(connection, table, incoming, allow_repeats=allow_repeats)
            inserted, repeats = inserted + added, repeats + more
        incoming.drop(connection)
        total = arriving.copied + arriving.waiting
        return IngestResult(inserted, total - inserted, self.catalogue.words, repeats)

    def _repeats_of_copied(
        self, connection: Connection, table: Table, arriving: ArrivingUnits, *, allow_repeats: bool
    ) -> int:
        """Count who came twice in a month that held nobody before; refuse them unless they are allowed."""
        if not arriving.copied:
            return 0
        analyze(connection, table)  # or the next statement takes the table for an empty one
        if not arriving.someone_came_twice:
            return 0
        found = find_repeats_within(connection, table, arriving.waves_copied, self.catalogue.feature_names)
        return self._checked_repeats(found, allow_repeats=allow_repeats)

    def _checked_repeats(self, repeats: Repeats | None, *, allow_repeats: bool) -> int:
        if repeats and not allow_repeats:
            raise UnitTableError(
                f"table {self.name!r}: {repeats.words}, and would count twice. Nothing was ingested. If the wave was only "
                f"exported again, there is nothing to do; if people did answer twice, allow it with {ALLOW_REPEATS}"
            )
        return repeats.total if repeats else 0

    def _insert_waiting(
        self, connection: Connection, table: Table, incoming: Table, *, allow_repeats: bool
    ) -> tuple[int, int]:
        """Compare units with those in the table and insert the new ones; count these, and the repeats among them."""
        compared = [column.name for column in incoming.columns if column.name not in {UNIT_ID, DATE, SEGMENT}]
        counts = connection.execute(statements.count_new_and_different(table, incoming, compared)).one()
        if counts.different:
            raise self._conflict(connection, table, incoming, compared)
        if not counts.new:
            return 0, 0
        found = find_repeats(connection, table, incoming, self.catalogue.feature_names)
        repeats = self._checked_repeats(found, allow_repeats=allow_repeats)
        inserted = connection.execute(statements.insert_new(table, incoming)).rowcount
        if SURVEY_WEIGHT in table.c:
            self._refuse_half_weighted(connection, table, incoming)
        return inserted, repeats

    def _conflict(
        self, connection: Connection, table: Table, incoming: Table, compared: Sequence[str]
    ) -> UnitTableError:
        words = self.catalogue.words
        conflict = connection.execute(statements.first_conflict(table, incoming, compared)).one()
        others = f" ({conflict.total - 1} more {words.units} differ too)" if conflict.total > 1 else ""
        differing = self.catalogue.segment_column if conflict.column == SEGMENT else conflict.column
        return UnitTableError(
            f"table {self.name!r} has the {words.unit} {Unit(conflict.unit_id, conflict.date)} already, "
            f"with another value in {differing!r}{others}. Nothing was ingested. "
            "Correct the file, or withdraw the wave first (make withdraw)."
        )

    def _refuse_half_weighted(self, connection: Connection, table: Table, incoming: Table) -> None:
        units = self.catalogue.words.units
        if half := connection.execute(statements.first_half_weighted_wave(table, incoming)).first():
            raise UnitTableError(
                f"wave {Wave(half.month.year, half.month.month)}: {half.weightless} of {half.units} {units} in "
                f"table {self.name!r} would have no weight. Nothing was ingested. Give all {units} of a wave a weight, "
                "or none; withdraw the wave first (make withdraw) if the old rows are the ones without."
            )

    def refuse_beside_others(self, connection: Connection, units: pd.DataFrame) -> None:
        """Refuse to add units that must not stand beside others, as synthetic ones must not beside real ones.

        Nothing is refused if there is no table yet, nobody else in it, or all of the units are in it already.

        Parameters
        ----------
        connection : Connection
            In a transaction.
        units : DataFrame
            All units that belong together, as `ingest` takes them.

        Raises
        ------
        UnitTableError
            If there are others; the message says how many.
        """
        if not inspect(connection).has_table(self.name):
            return
        incoming = incoming_labels()
        copy_into_temporary(connection, incoming, checked_labels(units, self.catalogue))
        found = connection.execute(statements.count_strangers(self._table, incoming)).one()
        incoming.drop(connection)
        if found.others and found.absent:
            raise UnitTableError(
                f"table {self.name!r} holds {found.others} respondents that are not synthetic: the sample months are not "
                "added to them. Nothing was written. Name a segmentation whose table is empty"
            )
