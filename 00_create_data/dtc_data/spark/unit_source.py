"""Feature tables in Parquet or behind JDBC, read and written by executors."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from dtc_data.catalogue import Catalogue, answer_types
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID, UnitTableError, Wave, WaveError, read_settings
from dtc_data.tables import LARGEST_WHOLE, WaveSample

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

JDBC: Final = "jdbc:"
"""Begins the address of a database."""


DRIVERS: Final = {"jdbc:postgresql:": "org.postgresql.Driver"}
"""Classes of drivers that come in jars of their own, which Java does not look through by itself."""


class JdbcSettings(BaseSettings):
    """Who reads and writes behind JDBC, in the environment and never in an address."""

    model_config = SettingsConfigDict(env_prefix="JDBC_", env_ignore_empty=True, frozen=True)

    user: str | None = None
    password: SecretStr | None = None
    driver: str | None = None
    """Class of the driver, where Spark does not find it by the address."""


@dataclass(frozen=True)
class UnitSource:
    """Where a feature table lies."""

    address: str
    """A Parquet file or folder that every executor reaches, or the address of a database, ``jdbc:…``."""
    table: str | None = None
    """Name of the table, behind JDBC."""
    settings: JdbcSettings | None = None
    """Who reads and writes behind JDBC; read from the environment if not given."""

    def __post_init__(self) -> None:
        """Raise `UnitTableError` if a database is given without a table."""
        if self.is_database and not self.table:
            raise UnitTableError(f"{self.address}: name the table in this database, too")

    @property
    def is_database(self) -> bool:
        """Whether it lies behind JDBC."""
        return self.address.startswith(JDBC)

    def read(self, session: "SparkSession", wave: Wave | None = None) -> "DataFrame":
        """Return the units, of one month if it is named; behind JDBC each day of it is read by itself, at the same time.

        Raises
        ------
        UnitTableError
            If the table cannot be read.
        """
        from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - missing in most environments
        from pyspark.errors import PySparkException  # noqa: PLC0415 - likewise

        try:
            if self.is_database:
                return self._read_database(session, wave)
            units = session.read.parquet(self.address)
            return units if wave is None else units.where(_between(f"`{DATE}`", wave.start, wave.end))
        except (PySparkException, Py4JJavaError) as error:
            raise UnitTableError(f"{self}: cannot be read by Spark: {error}") from error

    def write(self, units: "DataFrame") -> None:
        """Write units where nothing is yet. Parquet is all there or, without the file _SUCCESS, not there.

        Raises
        ------
        UnitTableError
            If there is something already, or it cannot be written.
        """
        from py4j.protocol import Py4JJavaError  # noqa: PLC0415 - missing in most environments
        from pyspark.errors import PySparkException  # noqa: PLC0415 - likewise

        try:
            if self.is_database:
                units.write.jdbc(self.address, str(self.table), mode="errorifexists", properties=self._properties)
            else:
                units.write.mode("errorifexists").parquet(self.address)
        except (PySparkException, Py4JJavaError) as error:
            raise UnitTableError(f"{self}: cannot be written by Spark: {error}") from error

    def __str__(self) -> str:
        return f"table {self.table!r} of {self.address}" if self.is_database else self.address

    @property
    def _properties(self) -> dict[str, str]:
        settings = self.settings or read_settings(JdbcSettings)
        password = settings.password
        driver = settings.driver or next(
            (name for start, name in DRIVERS.items() if self.address.startswith(start)), None
        )
        own = {
            "user": settings.user,
            "password": password.get_secret_value() if password else None,
            "driver": driver,
        }
        return {name: value for name, value in own.items() if value is not None}

    def _read_database(self, session: "SparkSession", wave: Wave | None) -> "DataFrame":
        if wave is None:
            return session.read.jdbc(self.address, str(self.table), properties=self._properties)
        days = [wave.start + timedelta(days=number) for number in range((wave.end - wave.start).days)]
        predicates = [_between(f'"{DATE}"', day, day + timedelta(days=1)) for day in days]
        return session.read.jdbc(self.address, str(self.table), predicates=predicates, properties=self._properties)


def sampled_wave(
    units: "DataFrame", catalogue: Catalogue, wave: Wave, most: int = LARGEST_WHOLE
) -> tuple[WaveSample, pd.DataFrame]:
    """Return which units of a wave are looked at, and these as `dtc_data.tables.UnitTable.load` returns the same ones.

    Hashes are computed where the rows lie, so that no more than the sample reaches this machine.

    Raises
    ------
    WaveError
        If there are no units.
    UnitTableError
        If a column is missing.
    """
    from pyspark.sql import functions as sql  # noqa: PLC0415 - missing in most environments

    weight = [SURVEY_WEIGHT] if SURVEY_WEIGHT in units.columns else []
    names = {catalogue.id_column: UNIT_ID, DATE: DATE} | {name: name for name in (*catalogue.feature_names, *weight)}
    if missing := [name for name in names if name not in units.columns]:
        raise UnitTableError(f"the {catalogue.words.units} of wave {wave} lack the columns {', '.join(missing)}")
    sample = WaveSample.of(units.count(), most)
    if not sample.units:
        raise WaveError(f"wave {wave}: there are no {catalogue.words.units} of that month")
    taken = units.where(sql.expr(sample.expression(catalogue.id_column))) if sample.is_part else units
    frame = taken.select(*(sql.col(name).alias(own) for name, own in names.items())).toPandas()
    types: dict[str, Any] = {UNIT_ID: str, **answer_types(catalogue.features), **dict.fromkeys(weight, "float64")}
    ordered = frame.astype(types).sort_values([DATE, UNIT_ID], ignore_index=True)
    return sample, ordered.assign(**{SEGMENT: None, "model_version": None})


def _between(column: str, start: Any, end: Any) -> str:
    """Tell in SQL whether a moment is of a time; both sides count in UTC."""
    first, last = (f"CAST('{moment:%Y-%m-%d %H:%M:%S}' AS TIMESTAMP)" for moment in (start, end))
    return f"{column} >= {first} AND {column} < {last}"
