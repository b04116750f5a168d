"""The unit table: which units there are, when and with which features, and the segment that each was given."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, inspect

from dtc_data.catalogue import FeatureEncoding, FloatArray
from dtc_data.core import Unit, UnitTableError, Wave
from dtc_data.tables import statements
from dtc_data.tables.record import label_history, moved_units
from dtc_data.tables.streams import (
    NO_SEGMENT,
    Label,
    LabelledRows,
    LabelStream,
    Wanted,
    copy_into_temporary,
    incoming_places,
    label_rows,
    relabel,
)
from dtc_data.tables.table_schema import incoming_labels
from dtc_data.tables.unit_frame import checked_labels
from dtc_data.tables.unit_ingestion import UnitIngestion


class UnitTable(UnitIngestion):
    """The unit table of a catalogue, with its labels; see `dtc_data.tables.unit_rows.UnitRows` for the parameters.

    Every method works in the caller's transaction, so that several calls take effect together or not at all.
    """

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
        """Label each unit of a wave with the segment that a model finds; the vendor's own are never overwritten.

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
