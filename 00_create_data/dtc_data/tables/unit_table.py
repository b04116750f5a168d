"""The unit table: which units there are, when and with which features, and the segment that each was given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, func, inspect, select
from sqlalchemy.exc import IntegrityError

from dtc_data.catalogue import PLAIN_WORDS, Catalogue, FeatureEncoding, FloatArray, Words, answer_types
from dtc_data.core import (
    ALLOW_REPEATS,
    DATE,
    SEGMENT,
    SURVEY_WEIGHT,
    UNIT_ID,
    Unit,
    UnitTableError,
    Wave,
    WaveError,
    objection_to_table,
)
from dtc_data.tables import statements
from dtc_data.tables.record import label_history, moved_units
from dtc_data.tables.repeated_answers import Repeats, find_repeats, find_repeats_within
from dtc_data.tables.streams import (
    NO_SEGMENT,
    ArrivingUnits,
    Label,
    LabelledRows,
    LabelStream,
    Wanted,
    analyze,
    copy_into_temporary,
    incoming_places,
    label_rows,
    relabel,
)
from dtc_data.tables.table_schema import (
    add_weights,
    differences,
    has_weights,
    incoming_labels,
    incoming_units,
    renew_value_checks,
    unit_table,
)
from dtc_data.tables.unit_frame import checked_labels, checked_units
from dtc_data.tables.wave_sample import LARGEST_WHOLE, WaveSample, sample_of


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
            return f"nothing changed: all {self.unchanged} {self.words.units} were already there"
        twice = (
            f"; {self.repeated} of them count twice in their month now, with the same answers" if self.repeated else ""
        )
        return f"{self.inserted} {self.words.units} inserted, {self.unchanged} unchanged{twice}"


class UnitTable:
    """The unit table of a catalogue.

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

    def _lock(self, connection: Connection, *, weighted: bool) -> Table:
        """Keep other writers away, and describe the table as it is then."""
        if weighted and SURVEY_WEIGHT not in self._require(connection).c:
            add_weights(connection, self._table)  # before the lock below, which would have to be raised for it
        # Readers go on; other writers wait, so that nothing changes between the comparison and the insertion.
        name = connection.dialect.identifier_preparer.format_table(self._table)
        self._require(connection)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
        return self._require(connection)

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
        weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in table.c else []
        names = [UNIT_ID, DATE, *self.catalogue.feature_names, SEGMENT, "model_version", *weight]
        statement = statements.of_wave(table, names, wave, *_taken(sample, table))
        frame = pd.DataFrame(connection.execute(statement), columns=names)
        if frame.empty:
            raise self._nobody_of(wave)
        types: dict[str, Any] = {DATE: "datetime64[us, UTC]", SEGMENT: "Int64", "model_version": object}
        frame = frame.astype(types | answer_types(self.catalogue.features) | dict.fromkeys(weight, "float64"))
        return frame.drop(columns=[name for name in weight if frame[name].isna().all()])

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

    def waves_labelled_by_others(self, connection: Connection, model_version: str) -> list[Wave]:
        """List the months with segments that another version of the model gave, the earliest first.

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
        """Write the segments that a model gave, where they are new; the vendor's own are never overwritten.

        Each change is added to the table's label history, which is made if it is missing.

        Parameters
        ----------
        connection : Connection
            In a transaction; a raised error must end it.
        labels : DataFrame
            Columns unit_id, date and segment (an id of the catalogue, or missing if the model gave none).
        model_version : str
            The version of the model.

        Returns
        -------
        int
            How many rows changed.

        Raises
        ------
        UnitTableError
            If a unit is not in the table, or another registered model labelled it.
        """
        checked = checked_labels(labels, self.catalogue)
        self._require(connection)
        incoming = incoming_labels()
        copy_into_temporary(connection, incoming, checked)
        if stranger := connection.execute(statements.first_stranger(self._table, incoming)).first():
            raise UnitTableError(
                f"table {self.name!r} has no {self.catalogue.words.unit} {Unit(stranger.unit_id, stranger.date)} to label"
            )
        label_history.begin(connection, self._table, self._history, self.catalogue.registered_model)
        labelling = statements.set_labels(self._table, incoming, model_version)
        changed = connection.execute(label_history.recorded(labelling, self._table, self._history)).rowcount
        incoming.drop(connection)
        return changed

    def label_wave(
        self,
        connection: Connection,
        wave: Wave,
        model_version: str,
        features: Sequence[FeatureEncoding],
        label: Label,
    ) -> LabelledRows:
        """Give each unit of a wave the segment that a model finds; the vendor's own are never overwritten.

        A unit that a person moved has the segment that the person chose, see `dtc_data.tables.record.unit_moves`.

        Each change is added to the table's label history, which is made if it is missing. Labelling again with the same
        version changes nothing. Other writers wait until the caller's transaction ends, so that two labellings follow each other;
        readers go on.

        Parameters
        ----------
        connection : Connection
            In a transaction; a raised error must end it.
        wave : Wave
            The month.
        model_version : str
            The version of the model.
        features : sequence of FeatureEncoding
            The model's features, in the order in which ``label`` takes them.
        label : callable
            Returns a segment's id, or `NO_SEGMENT`, for each row of answers.

        Raises
        ------
        WaveError
            If the wave holds no units.
        UnitTableError
            If the table is missing or does not fit, another registered model labelled it, or a segment is none of the catalogue.
        """
        table = self._lock(connection, weighted=False)
        stream = LabelStream(features, self._checked_label(label))
        held = {unit: int(move.segment or 0) for unit, move in moved_units(connection, self.name, wave).items()}
        changed = label_rows(connection, table, wave, stream, Wanted(features, model_version, held))
        if not stream.counts.units:
            raise self._nobody_of(wave)
        label_history.begin(connection, self._table, self._history, self.catalogue.registered_model)
        if len(changed):
            incoming = incoming_places(connection, changed)
            labelling = relabel(self._table, incoming, model_version)
            connection.execute(label_history.recorded(labelling, self._table, self._history))
            incoming.drop(connection)
        return stream.counts

    def _checked_label(self, label: Label) -> Label:
        ids, words = self.catalogue.segment_ids, self.catalogue.words

        def checked(answers: FloatArray) -> npt.NDArray[np.int64]:
            segments = label(answers)
            if (unknown := ~np.isin(segments, [*ids, NO_SEGMENT])).any():
                raise UnitTableError(
                    f"a {words.unit} of table {self.name!r} has the {words.segment} {segments[int(unknown.argmax())]} by this "
                    f"model, but the catalogue has {', '.join(map(str, ids))}"
                )
            return segments

        return checked

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
        """Count how units that came back went from segment to segment.

        A step leads from one month to the next in which the unit has a segment.

        Returns
        -------
        DataFrame
            Columns from_segment, to_segment, steps, and same_version: steps between labels of the same version. Empty
            if none has a segment in two months.
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


def _taken(sample: WaveSample | None, table: Table) -> list[ColumnElement[bool]]:
    return [sample.condition(table)] if sample is not None and sample.is_part else []
