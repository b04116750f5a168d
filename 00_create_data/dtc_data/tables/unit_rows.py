"""The table of a catalogue's units: how it is made, held against the catalogue and read."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, FromClause, Table, func, inspect, or_, select
from sqlalchemy.exc import IntegrityError

from dtc_data.catalogue import Catalogue, answer_types
from dtc_data.core import (
    DATE,
    EXTRA,
    SEGMENT,
    SURVEY_WEIGHT,
    UNIT_ID,
    UnitTableError,
    Wave,
    WaveError,
    objection_to_table,
)
from dtc_data.tables import statements
from dtc_data.tables.record import label_history
from dtc_data.tables.table_schema import add_weights, differences, has_weights, renew_value_checks, unit_table
from dtc_data.tables.wave_sample import LARGEST_WHOLE, WaveSample, sample_of

ROWS_PER_BLOCK: Final = 20_000
"""Units in memory at a time, where waves are read by blocks."""


class UnitRows:
    """The rows of a catalogue's unit table.

    Every method works in the caller's transaction, so that several calls take effect together or not at all.

    Parameters
    ----------
    catalogue : Catalogue
        Its features are columns of the table.
    name : str, optional
        Name of the table; the catalogue's ``unit_table`` by default.

    Raises
    ------
    UnitTableError
        If the name cannot be that of a unit table.
    """

    def __init__(self, catalogue: Catalogue, name: str | None = None) -> None:
        self.catalogue = catalogue
        self.name = catalogue.unit_table if name is None else name
        if objection := objection_to_table(self.name):
            raise UnitTableError(f"table name {self.name!r} {objection}")
        self._table = unit_table(catalogue, self.name)
        self._history = label_history.history_table(self.name, catalogue)

    def create(self, connection: Connection) -> None:
        """Make the table if it is not there; several processes may do so at once.

        Raises
        ------
        UnitTableError
            If a table of this name exists and has other columns; the message names each difference.
        """
        # Two CREATE TABLE IF NOT EXISTS at once can still collide in Postgres' own tables; this makes the second wait.
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"create {self.name}"))))
        if not inspect(connection).has_table(self.name):
            self._table.create(connection, checkfirst=False)
        try:
            renew_value_checks(connection, self._require(connection))
        except IntegrityError as error:
            raise UnitTableError(
                f"table {self.name!r} holds values that the catalogue {self.catalogue.name!r} does not have any more: put "
                f"them back, or change the rows first ({str(error.orig).splitlines()[0]})"
            ) from error

    def sample(self, connection: Connection, wave: Wave, most: int = LARGEST_WHOLE) -> WaveSample:
        """Return which units of a wave to look at: all, or about ``most`` of a larger one."""
        return sample_of(connection, self._require(connection), wave, most)

    def load(self, connection: Connection, wave: Wave, sample: WaveSample | None = None) -> pd.DataFrame:
        """Read the units of a wave, ordered by date and unit_id.

        Parameters
        ----------
        connection : Connection
            In a transaction.
        wave : Wave
            The month, as the half-open range from its start to its end.
        sample : WaveSample, optional
            Which units are read; everybody by default.

        Returns
        -------
        DataFrame
            Columns unit_id, date (UTC), the features (float64, values in words as text; NaN or None where no answer was
            given), segment (Int64), model_version (None where the segment is the vendor's or missing), and survey_weight (float64) if units
            of the wave have weights.

        Raises
        ------
        WaveError
            If the wave holds no units.
        UnitTableError
            If the table is missing or does not fit.
        """
        table = self._require(connection)
        frame = self._read(connection, table, wave, *_taken(sample, table))
        if frame.empty:
            raise self._nobody_of(wave)
        return frame.drop(columns=[name for name in [SURVEY_WEIGHT] if name in frame and frame[name].isna().all()])

    def load_units(self, connection: Connection, wave: Wave, ids: Sequence[str]) -> pd.DataFrame:
        """Read those of some units that are in a wave, with the columns of `load`; no rows if none of them is.

        Raises
        ------
        UnitTableError
            If the table is missing or does not fit.
        """
        table = self._require(connection)
        return self._read(connection, table, wave, table.c.unit_id.in_(ids))

    def load_labels(self, connection: Connection, wave: Wave) -> pd.DataFrame:
        """Read unit_id, segment and model_version of a wave's units, ordered and typed as `load` does.

        Raises
        ------
        WaveError
            If the wave holds no units.
        UnitTableError
            If the table is missing or does not fit.
        """
        names = [UNIT_ID, SEGMENT, "model_version"]
        found = connection.execute(statements.of_wave(self._require(connection), names, wave))
        labels = pd.DataFrame(found, columns=names).astype({SEGMENT: "Int64", "model_version": object})
        if labels.empty:
            raise self._nobody_of(wave)
        return labels

    def _read(self, connection: Connection, table: Table, wave: Wave, *conditions: ColumnElement[bool]) -> pd.DataFrame:
        names = self._columns_of(table)
        found = connection.execute(statements.of_wave(table, names, wave, *conditions))
        return self._typed(pd.DataFrame(found, columns=names))

    def blocks(
        self, connection: Connection, waves: Sequence[Wave], beside: Callable[[Wave], FromClause] | None = None
    ) -> Iterator[pd.DataFrame]:
        """Read the units of some waves as `load` does, a block at a time; with weights if a unit of any of the waves has one.

        ``beside`` returns what else is known of a wave, as unit_id, date and a text in `EXTRA`, which becomes a column.

        Raises
        ------
        WaveError
            If a wave holds no units.
        UnitTableError
            If the table is missing or does not fit.
        """
        table = self._require(connection)
        names = self._columns_of(table)
        if SURVEY_WEIGHT in names and not self._have_weights(connection, table, waves):
            names.remove(SURVEY_WEIGHT)
        for wave in waves:
            statement = statements.of_wave(table, names, wave)
            if beside is not None:
                statement = statements.with_text_beside(statement, table, beside(wave))
            rows = connection.execute(statement, execution_options={"yield_per": ROWS_PER_BLOCK})
            found = 0
            for part in rows.partitions():
                found += len(part)
                yield self._typed(pd.DataFrame(part, columns=[*names, EXTRA][: len(part[0])]))
            if not found:
                raise self._nobody_of(wave)

    def _columns_of(self, table: Table) -> list[str]:
        weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in table.c else []
        return [UNIT_ID, DATE, *self.catalogue.feature_names, SEGMENT, "model_version", *weight]

    def _typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        types: dict[str, Any] = {DATE: "datetime64[us, UTC]", SEGMENT: "Int64", "model_version": object}
        weight = {SURVEY_WEIGHT: "float64"} if SURVEY_WEIGHT in frame else {}
        return frame.astype(types | answer_types(self.catalogue.features) | weight)

    @staticmethod
    def _have_weights(connection: Connection, table: Table, waves: Sequence[Wave]) -> bool:
        given = table.c[SURVEY_WEIGHT].is_not(None) & or_(*(statements.within(table, wave) for wave in waves))
        return bool(connection.scalar(select(select(table.c.unit_id).where(given).exists())))

    def _nobody_of(self, wave: Wave) -> WaveError:
        units = self.catalogue.words.units
        return WaveError(f"wave {wave}: table {self.name!r} holds no {units} of that month; ingest them first")

    def delete_wave(self, connection: Connection, wave: Wave) -> int:
        """Take the units of a wave out of the table, with their labels; what labelled them stays in the label history.

        Returns
        -------
        int
            How many units went.
        """
        self._require(connection)
        return connection.execute(statements.delete_wave(self._table, wave)).rowcount

    def newcomers(self, connection: Connection, wave: Wave, sample: WaveSample | None = None) -> list[str]:
        """List the ids of a wave's units, or of a sample of them, that are in no earlier wave."""
        self._require(connection)
        return list(connection.scalars(statements.newcomers(self._table, wave, *_taken(sample, self._table))))

    def waves(self, connection: Connection) -> list[Wave]:
        """List the months in which there are units, the earliest first."""
        self._require(connection)
        return [Wave(start.year, start.month) for start in connection.scalars(statements.months(self._table))]

    def require(self, connection: Connection) -> None:
        """Raise `UnitTableError` if there is no table, or it does not fit the catalogue; the message names each difference."""
        self._require(connection)

    def _require(self, connection: Connection) -> Table:
        """Describe the table as it is in the database, with or without weights, once it fits."""
        weighted = has_weights(connection, self.name)
        table = unit_table(self.catalogue, self.name, weighted=weighted)
        found = differences(connection, table)
        if found and not weighted and has_weights(connection, self.name):
            return self._require(connection)  # another ingestion has just added them
        if found is None:
            raise UnitTableError(f"there is no table {self.name!r}; ingest a survey file to make it")
        if found:
            raise UnitTableError(
                f"table {self.name!r} does not fit the catalogue {self.catalogue.name!r}: {'; '.join(found)}. "
                "Name another unit_table in the catalogue, or change the table."
            )
        return table

    def _lock(self, connection: Connection, *, weighted: bool) -> Table:
        """Keep other writers away, and describe the table as it is then."""
        if weighted and SURVEY_WEIGHT not in self._require(connection).c:
            add_weights(connection, self._table)  # before the lock below, which would have to be raised for it
        # Readers go on; other writers wait, so that nothing changes between the comparison and the insertion.
        name = connection.dialect.identifier_preparer.format_table(self._table)
        self._require(connection)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        return self._require(connection)


def _taken(sample: WaveSample | None, table: Table) -> list[ColumnElement[bool]]:
    return [sample.condition(table)] if sample is not None and sample.is_part else []
