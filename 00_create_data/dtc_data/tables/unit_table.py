"""The respondent table: who answered, when and what, and the persona that each was given."""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, Table, func, inspect, select

from dtc_data.catalogue import Catalogue
from dtc_data.core import ALLOW_REPEATS, SURVEY_WEIGHT, UnitTableError, Wave, WaveError, objection_to_table
from dtc_data.tables import label_history, statements
from dtc_data.tables.bulk_copy import copy_into_temporary
from dtc_data.tables.repeated_answers import find_repeats
from dtc_data.tables.table_schema import (
    add_weights,
    differences,
    has_weights,
    incoming_labels,
    incoming_units,
    unit_table,
)
from dtc_data.tables.unit_frame import checked_labels, checked_units


@dataclass(frozen=True)
class IngestResult:
    """What an ingestion did."""

    inserted: int
    """Respondents who were not in the table before."""
    unchanged: int
    """Respondents who were in it already, with the same answers."""
    repeated: int = 0
    """Inserted respondents who gave the same answers at another time of the same month; only where that is allowed."""

    def __str__(self) -> str:
        if self.inserted == 0:
            return f"nothing changed: all {self.unchanged} respondents were already there"
        twice = (
            f"; {self.repeated} of them count twice in their month now, with the same answers" if self.repeated else ""
        )
        return f"{self.inserted} respondents inserted, {self.unchanged} unchanged{twice}"


class UnitTable:
    """The respondent table of a catalogue.

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
        If the name cannot be that of a respondent table.
    """

    def __init__(self, catalogue: Catalogue, name: str | None = None) -> None:
        self.catalogue = catalogue
        self.name = catalogue.unit_table if name is None else name
        if objection := objection_to_table(self.name):
            raise UnitTableError(f"table name {self.name!r} {objection}")
        self._table = unit_table(catalogue, self.name)
        self._history = label_history.history_table(self.name)

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
        self._require(connection)

    def ingest(self, connection: Connection, units: pd.DataFrame, *, allow_repeats: bool = False) -> IngestResult:
        """Ingest respondents; those who are there already must have the same answers.

        Parameters
        ----------
        connection : Connection
            In a transaction; a raised error must end it.
        respondents : DataFrame
            Columns customer_id, date, the features and persona, and survey_weight if they have weights, as
            :func:`dtc_data.surveys.survey_file.read_survey_file` and :func:`dtc_data.synthetic.scattered_wave.make_wave` give them.
        allow_repeats : bool
            Whether respondents may give the same answers again at another time of the same month, and count twice.

        Raises
        ------
        UnitTableError
            If the table does not fit, a respondent is there with other answers or another weight or persona from the
            vendor, with the same answers at another time of the month, or only some respondents of a wave would have
            weights; the message says who and where.
        """
        checked = checked_units(units, self.catalogue)
        table = self._require(connection)
        if SURVEY_WEIGHT in checked and SURVEY_WEIGHT not in table.c:
            add_weights(connection, self._table)  # before the lock below, which would have to be raised for it
        # Readers go on; other writers wait, so that nothing changes between the comparison and the insertion.
        name = connection.dialect.identifier_preparer.format_table(self._table)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        table = self._require(connection)  # as it is now
        weighted = SURVEY_WEIGHT in table.c
        incoming = incoming_units(self.catalogue, weighted=weighted)
        columns = [column.name for column in incoming.columns]
        copy_into_temporary(connection, incoming, checked.reindex(columns=columns))
        compared = [name for name in columns if name not in {"customer_id", "date", "persona"}]
        conflict = connection.execute(statements.first_conflict(table, incoming, compared)).first()
        if conflict:
            others = f" ({conflict.total - 1} more respondents differ too)" if conflict.total > 1 else ""
            raise UnitTableError(
                f"table {self.name!r} has the respondent {conflict.customer_id!r} of {conflict.date:%Y-%m-%d} already, "
                f"with another value in {conflict.column!r}{others}. Nothing was ingested. "
                "Correct the file, or delete the old rows first."
            )
        repeats = find_repeats(connection, table, incoming, self.catalogue.feature_names)
        if repeats and not allow_repeats:
            raise UnitTableError(
                f"table {self.name!r}: {repeats.words}, and would count twice. Nothing was ingested. If the wave was only "
                f"exported again, there is nothing to do; if people did answer twice, allow it with {ALLOW_REPEATS}"
            )
        inserted = connection.execute(statements.insert_new(table, incoming)).rowcount
        if weighted:
            self._refuse_half_weighted(connection, table, incoming)
        incoming.drop(connection)
        return IngestResult(inserted, len(checked) - inserted, repeats.total if repeats else 0)

    def _refuse_half_weighted(self, connection: Connection, table: Table, incoming: Table) -> None:
        if half := connection.execute(statements.first_half_weighted_wave(table, incoming)).first():
            raise UnitTableError(
                f"wave {Wave(half.month.year, half.month.month)}: {half.weightless} of {half.units} respondents in "
                f"table {self.name!r} would have no weight. Nothing was ingested. Give all respondents of a wave a weight, "
                "or none; delete the old rows first if they are the ones without."
            )

    def load(self, connection: Connection, wave: Wave, *, for_update: bool = False) -> pd.DataFrame:
        """Read the respondents of a wave, ordered by date and customer_id.

        Parameters
        ----------
        connection : Connection
            In a transaction.
        wave : Wave
            The month, as the half-open range from its start to its end.
        for_update : bool
            Whether other transactions must wait before they change these rows.

        Returns
        -------
        DataFrame
            Columns customer_id, date (UTC), the features (float64, NaN where no answer was given), persona (Int64),
            model_version (None where the persona is the vendor's or missing), and survey_weight (float64) if respondents
            of the wave have weights.

        Raises
        ------
        WaveError
            If the wave holds no respondents.
        UnitTableError
            If the table is missing or does not fit.
        """
        table = self._require(connection)
        weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in table.c else []
        names = ["customer_id", "date", *self.catalogue.feature_names, "persona", "model_version", *weight]
        statement = statements.of_wave(table, names, wave)
        frame = pd.DataFrame(
            connection.execute(statement.with_for_update() if for_update else statement), columns=names
        )
        if frame.empty:
            raise WaveError(f"wave {wave}: table {self.name!r} holds no respondents of that month; ingest them first")
        numbers = dict.fromkeys([*self.catalogue.feature_names, *weight], "float64")
        frame = frame.astype({"date": "datetime64[us, UTC]", **numbers, "persona": "Int64", "model_version": object})
        return frame.drop(columns=[name for name in weight if frame[name].isna().all()])

    def waves(self, connection: Connection) -> list[Wave]:
        """List the months in which there are respondents, the earliest first."""
        self._require(connection)
        return [Wave(start.year, start.month) for start in connection.scalars(statements.months(self._table))]

    def waves_labelled_by_others(self, connection: Connection, model_version: str) -> list[Wave]:
        """List the months with personas that another version of the model gave, the earliest first.

        Empty if there is no table yet.

        Raises
        ------
        UnitTableError
            If another registered model labelled the table.
        """
        if not inspect(connection).has_table(self.name):
            return []
        self._require(connection)
        self.require_own_labels(connection)
        starts = connection.scalars(statements.months_labelled_by_others(self._table, model_version))
        return [Wave(start.year, start.month) for start in starts]

    def write_labels(self, connection: Connection, labels: pd.DataFrame, model_version: str) -> int:
        """Write the personas that a model gave, where they are new; the vendor's own are never overwritten.

        Each change is added to the table's label history, which is made if it is missing.

        Parameters
        ----------
        connection : Connection
            In a transaction; a raised error must end it.
        labels : DataFrame
            Columns customer_id, date and persona (an id of the catalogue, or missing if the model gave none).
        model_version : str
            The version of the model.

        Returns
        -------
        int
            How many rows changed.

        Raises
        ------
        UnitTableError
            If a respondent is not in the table, or another registered model labelled it.
        """
        checked = checked_labels(labels, self.catalogue)
        self._require(connection)
        incoming = incoming_labels()
        copy_into_temporary(connection, incoming, checked)
        if stranger := connection.execute(statements.first_stranger(self._table, incoming)).first():
            raise UnitTableError(
                f"table {self.name!r} has no respondent {stranger.customer_id!r} of {stranger.date:%Y-%m-%d} to label"
            )
        label_history.begin(connection, self._table, self._history, self.catalogue.registered_model)
        labelling = statements.set_labels(self._table, incoming, model_version)
        changed = connection.execute(label_history.recorded(labelling, self._table, self._history)).rowcount
        incoming.drop(connection)
        return changed

    def labellings(self, connection: Connection) -> list[label_history.Labelling]:
        """List which version labelled which wave and when, the first labelling first.

        Raises
        ------
        UnitTableError
            If another registered model labelled the table.
        """
        self.require_own_labels(connection)
        return label_history.labellings(connection, self._history)

    def transitions(self, connection: Connection) -> pd.DataFrame:
        """Count how respondents who came back went from persona to persona.

        A step leads from one month to the next in which the respondent has a persona.

        Returns
        -------
        DataFrame
            Columns from_segment, to_segment, steps, and same_version: steps between labels of the same version. Empty
            if nobody has a persona in two months.
        """
        self._require(connection)
        names = ["from_segment", "to_segment", "steps", "same_version"]
        return pd.DataFrame(connection.execute(statements.transitions(self._table)), columns=names).astype("int64")

    def require_own_labels(self, connection: Connection) -> None:
        """Raise `UnitTableError` if another registered model labelled the table: its versions are other ones."""
        label_history.require_own(connection, self._table, self._history, self.catalogue.registered_model)

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
