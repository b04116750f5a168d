"""Quarterly waves of stores in the table of their segmentation, made from a retailer's tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine

from dtc_data.catalogue import Catalogue
from dtc_data.core import DATE, UNIT_ID, RetailDataError, SettingsError, Wave
from dtc_data.stores.features import store_features
from dtc_data.stores.quarters import MONTHS_PER_QUARTER, Quarter
from dtc_data.stores.retail_tables import RetailTables
from dtc_data.stores.waves.year_features import archetype_features
from dtc_data.tables import IngestResult, UnitTable, transaction

STORES_SEGMENTATION: Final = "stores"
"""Name of the segmentation of stores, and of its catalogue's file."""


_ROUNDING: Final = 1e-9
"""Relative difference of figures that is only rounding."""


@dataclass(frozen=True)
class StoreWave:
    """What making a wave did."""

    quarter: Quarter
    ingested: IngestResult | None
    """None where the wave was there before and was left as it is."""
    unseen: tuple[str, ...] = ()
    """Values of categories that the catalogue does not know, in words."""

    def __str__(self) -> str:
        done = "there already" if self.ingested is None else str(self.ingested)
        return "; ".join([f"{self.quarter} as wave {self.quarter.wave}: {done}", *self.unseen])


def quarter_of(wave: Wave) -> Quarter:
    """Return the quarter that ends with a month.

    Raises
    ------
    SettingsError
        If no quarter does.
    """
    if wave.month % MONTHS_PER_QUARTER:
        raise SettingsError(
            f"{wave} is not a wave of stores: a wave is a quarter and is named by its last month, such as {wave.year:04d}-03"
        )
    return Quarter(wave.year, wave.month // MONTHS_PER_QUARTER)


def make_store_waves(
    engine: Engine, features: pd.DataFrame, quarters: list[Quarter], catalogue: Catalogue
) -> list[StoreWave]:
    """Put quarters into the table of a segmentation of stores, in one transaction; what is there already changes nothing.

    Parameters
    ----------
    engine : Engine
        Of the customer database.
    features : DataFrame
        As `dtc_data.stores.store_features` returns them, from as many quarters before the first one as the catalogue averages.
    quarters : list of Quarter
    catalogue : Catalogue
        Names the features. A value of a category that it does not know counts as missing, and is told.

    Raises
    ------
    SettingsError
        If the catalogue is not of stores.
    RetailDataError
        If the features lack one that the catalogue names, or hold no store of a quarter.
    UnitTableError
        If a store is there with other figures.
    """
    if catalogue.stores is None:
        raise SettingsError(
            f"the catalogue {catalogue.name!r} is not of stores: it has no entry stores: {{quarters: …}}. Name a segmentation "
            "that has one"
        )
    table, made = UnitTable(catalogue), []
    with transaction(engine) as connection:
        table.create(connection)
        for quarter in quarters:
            units = archetype_features(features, quarter, catalogue.stores.quarters)
            if missing := [name for name in catalogue.feature_names if name not in units.columns]:
                raise RetailDataError(
                    f"the catalogue {catalogue.name!r} names {', '.join(missing)}, which this retailer's stores do not have"
                )
            known, unseen = _known_values(units[list(catalogue.feature_names)], catalogue)
            rows = _as_stored(connection, table, quarter.wave, known).rename_axis(UNIT_ID).reset_index()
            dated = rows.assign(**{DATE: pd.Timestamp(quarter.last_day, tz="UTC")})
            ingested = table.ingest(connection, dated[[UNIT_ID, DATE, *catalogue.feature_names]])
            made.append(StoreWave(quarter, ingested, unseen))
    return made


def ensure_store_wave(engine: Engine, catalogue: Catalogue, wave: Wave, folder: Path) -> StoreWave:
    """Make a wave from the tables in a folder unless it is in the table of the segmentation already.

    Parameters
    ----------
    engine : Engine
        Of the customer database.
    catalogue : Catalogue
        Of stores.
    wave : Wave
        The month with which a quarter ends.
    folder : Path
        With a retailer's four tables, see `RetailTables.in_folder`.

    Raises
    ------
    RetailDataError
        If the wave is not there and the folder holds no tables that tell of it; the message says how to bring them.
    SettingsError, UnitTableError
        See `make_store_waves` and `quarter_of`.
    """
    quarter, table = quarter_of(wave), UnitTable(catalogue)
    with transaction(engine) as connection:
        table.create(connection)
        if wave in table.waves(connection):
            return StoreWave(quarter, None)
    features = store_features(RetailTables.in_folder(folder))
    return make_store_waves(engine, features, [quarter], catalogue)[0]


def _as_stored(connection: Connection, table: UnitTable, wave: Wave, units: pd.DataFrame) -> pd.DataFrame:
    """Return the units with the stored figure of each that differs by rounding alone: sums in parallel are added in any order."""
    if wave not in table.waves(connection):
        return units
    numbers = [feature.name for feature in table.catalogue.features if not feature.in_words]
    stored = table.load(connection, wave).set_index(UNIT_ID)[numbers].reindex(units.index)
    given = units[numbers]
    same = np.isclose(given.to_numpy(np.float64), stored.to_numpy(np.float64), rtol=_ROUNDING, atol=_ROUNDING)
    return units.assign(**given.mask(same, stored))


def _known_values(units: pd.DataFrame, catalogue: Catalogue) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the units with unknown values of categories as missing, and which these were."""
    said, columns = [], {}
    for feature in catalogue.features:
        if not feature.in_words:
            continue
        column = units[feature.name].astype(object)
        strange = column.notna() & ~column.isin(feature.values)
        if strange.any():
            named = ", ".join(sorted(map(str, column[strange].unique())))
            said.append(
                f"{int(strange.sum()):,} with a {feature.name} never seen before ({named}), labelled by all else"
            )
            columns[feature.name] = column.mask(strange)
    return units.assign(**columns), tuple(said)
