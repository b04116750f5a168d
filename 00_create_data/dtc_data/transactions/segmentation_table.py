"""The table of a segmentation of customers, filled from the features of their waves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import pandas as pd
from sqlalchemy import Connection

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, UNIT_ID, SettingsError, UnitTableError
from dtc_data.tables import CustomerWave, IngestResult, UnitTable


@dataclass(frozen=True)
class SegmentationTable:
    """The unit table of a catalogue whose units are customers, and how far back its features look."""

    units: UnitTable
    lookback_days: int

    @classmethod
    def of(cls, catalogue: Catalogue, made: Sequence[str], lookback_days: int | None = None) -> Self:
        """Return the table of a catalogue.

        Parameters
        ----------
        catalogue : Catalogue
        made : sequence of str
            Names of the features that there are.
        lookback_days : int, optional
            The lookback that was asked for, if any.

        Raises
        ------
        SettingsError
            If the catalogue is not of customers by their transactions, or has another lookback: a segment means something
            else with every lookback.
        UnitTableError
            If the catalogue names features that are not made.
        """
        if catalogue.transactions is None:
            raise SettingsError(
                f"the catalogue {catalogue.name!r} is not of customers by their transactions: it has no entry "
                "transactions: {lookback_days: …}. Name a segmentation that has one"
            )
        own = catalogue.transactions.lookback_days
        if lookback_days not in {None, own}:
            raise SettingsError(
                f"the segments of {catalogue.name!r} look back {own} days, and {lookback_days} days would give its features "
                "another meaning: leave the lookback out, or discover segments with the other one under another name"
            )
        if unknown := [name for name in catalogue.feature_names if name not in made]:
            raise UnitTableError(
                f"the catalogue {catalogue.name!r} names {', '.join(unknown)}, but features of customers are {', '.join(made)}"
            )
        return cls(UnitTable(catalogue), own)

    def fill(
        self, connection: Connection, made: CustomerWave, customers: pd.DataFrame, *, replace: bool
    ) -> IngestResult | None:
        """Put the customers of a wave into the table, dated at the last day of the month.

        A wave whose lookback begins before the first line is left out, since it cannot be compared with others.

        Parameters
        ----------
        connection : Connection
            In a transaction; a raised error must end it.
        made : CustomerWave
        customers : DataFrame
            Those who bought: customer_id and the features.
        replace : bool
            Whether rows that differ give way, with their labels.

        Returns
        -------
        IngestResult or None
            None where the wave was left out.

        Raises
        ------
        UnitTableError
            If rows that are there differ and must not be replaced.
        """
        if not made.is_covered:
            return None
        self.units.create(connection)
        date = pd.Timestamp(made.wave.end) - pd.Timedelta(days=1)
        units = customers.rename(columns={"customer_id": UNIT_ID}).assign(**{DATE: date})
        units = units[[UNIT_ID, DATE, *self.units.catalogue.feature_names]]
        if replace and not self._holds(connection, made, units):
            self.units.delete_wave(connection, made.wave)
        return self.units.ingest(connection, units)

    def _holds(self, connection: Connection, made: CustomerWave, units: pd.DataFrame) -> bool:
        """Tell whether the table holds exactly these units of the wave."""
        if made.wave not in self.units.waves(connection):
            return True  # nothing to be replaced
        names = list(self.units.catalogue.feature_names)
        stored = self.units.load(connection, made.wave).set_index(UNIT_ID)[names].sort_index()
        given = units.set_index(UNIT_ID)[names].astype("float64").sort_index()
        given.index = given.index.astype(stored.index.dtype)
        return stored.equals(given)
