"""What the unit table looks like, as the catalogue wants it and as it is.

Columns are known here by our own names (their ``key``) and bear in the database the names that the catalogue gives: this is
the one place where the two meet.
"""

from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Double,
    Integer,
    MetaData,
    Table,
    Text,
    column,
    inspect,
)
from sqlalchemy.schema import AddConstraint, DropConstraint

from dtc_data.catalogue import Catalogue, Feature
from dtc_data.core import DATE, SEGMENT, SURVEY_WEIGHT, UNIT_ID

_CHECK_PREFIX: Final = "values_of_"
_DIGEST_BYTES: Final = 10
_FULL_PERCENT: Final = 45
"""How full pages are when units come: every unit is labelled once, and its new version finds room in its own page, so that no
index is touched (PostgreSQL documentation, "Heap-Only Tuples"). Without it the table is as large after the first labelling."""


def unit_table(catalogue: Catalogue, name: str, *, weighted: bool = False) -> Table:
    """Describe the unit table of a catalogue.

    A segment without a ``model_version`` was given by the vendor. A table gets the column for weights with the first
    file that has any, so that tables from before there were weights stay as good as new ones.
    """
    return Table(
        name,
        MetaData(),
        *key_columns(catalogue, primary_key=True),
        *_answer_columns(catalogue),
        segment_column(catalogue),
        Column("model_version", Text),
        Column("labelled_at", DateTime(timezone=True)),
        *_weight(weighted),
        *(_values_check(feature) for feature in catalogue.features if feature.in_words),
        postgresql_with={"fillfactor": _FULL_PERCENT},
    )


def incoming_units(catalogue: Catalogue, *, weighted: bool = False) -> Table:
    """Describe the temporary table in which units arrive, under our own names."""
    columns = _answer_columns(catalogue)
    return _temporary("incoming_units", *_own_key(), *columns, Column(SEGMENT, Integer), *_weight(weighted))


def incoming_labels() -> Table:
    """Describe the temporary table in which labels arrive, under our own names."""
    return _temporary("incoming_labels", *_own_key(), Column(SEGMENT, Integer))


def key_columns(catalogue: Catalogue, *, primary_key: bool) -> tuple[Column[Any], Column[Any]]:
    """Describe the id and the date of a unit, as the catalogue calls them in the database."""
    return (
        Column(catalogue.id_column, Text, key=UNIT_ID, primary_key=primary_key, nullable=False),
        Column(DATE, DateTime(timezone=True), primary_key=primary_key, nullable=False, index=primary_key),
    )


def segment_column(catalogue: Catalogue) -> Column[Any]:
    """Describe the column with the segment's id, as the catalogue calls it in the database."""
    return Column(catalogue.segment_column, Integer, key=SEGMENT)


def _own_key() -> tuple[Column[Any], Column[Any]]:
    return Column(UNIT_ID, Text, nullable=False), Column(DATE, DateTime(timezone=True), nullable=False)


def _answer_columns(catalogue: Catalogue) -> list[Column[Any]]:
    missing_allowed = catalogue.missing_answers.minimum_answered is not None
    return [
        Column(feature.name, Text if feature.in_words else Double, nullable=missing_allowed)
        for feature in catalogue.features
    ]


def _values_check(feature: Feature) -> CheckConstraint:
    """Allow a feature's values only. The name tells the values, which Postgres gives back in words of its own."""
    content = repr((feature.name, feature.values)).encode()
    name = _CHECK_PREFIX + blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
    return CheckConstraint(column(feature.name).in_(feature.values), name=name)


def _weight(weighted: bool) -> list[Column[Any]]:  # noqa: FBT001 - a private shorthand
    return [Column(SURVEY_WEIGHT, Double)] if weighted else []


def has_weights(connection: Connection, table_name: str) -> bool:
    """Tell whether there is a table of that name with a column for weights."""
    inspector = inspect(connection)
    return inspector.has_table(table_name) and any(
        column["name"] == SURVEY_WEIGHT for column in inspector.get_columns(table_name)
    )


def add_weights(connection: Connection, table: Table) -> None:
    """Return the unit table its column for weights; nothing happens if it has one."""
    preparer = connection.dialect.identifier_preparer
    name, weight = preparer.format_table(table), preparer.quote(SURVEY_WEIGHT)
    connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {weight} double precision")


def _temporary(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def differences(connection: Connection, table: Table) -> list[str] | None:
    """Say how a table in the database differs from its description; None if there is no such table."""
    inspector = inspect(connection)
    if not inspector.has_table(table.name):
        return None
    key, wanted_key = inspector.get_pk_constraint(table.name)["constrained_columns"], [*table.primary_key]
    found = {column["name"]: _words(connection, column) for column in inspector.get_columns(table.name)}
    wanted = {
        column.name: _words(connection, {"type": column.type, "nullable": column.nullable}) for column in table.columns
    }
    own_key = [column.name for column in wanted_key]
    return [
        *(f"column {name!r} is missing" for name in wanted if name not in found),
        *(f"column {name!r} is not in the catalogue" for name in found if name not in wanted),
        *(
            f"column {name!r} is {found[name]} instead of {words}"
            for name, words in wanted.items()
            if found.get(name, words) != words
        ),
        *([] if key == own_key else [f"the primary key is ({', '.join(key)}) instead of ({', '.join(own_key)})"]),
    ]


def renew_value_checks(connection: Connection, table: Table) -> None:
    """Let the table take the values that the catalogue has now, if it takes others."""
    wanted = {check.name: check for check in table.constraints if isinstance(check, CheckConstraint)}
    found = {
        str(check["name"])
        for check in inspect(connection).get_check_constraints(table.name)
        if str(check["name"]).startswith(_CHECK_PREFIX)
    }
    for name in sorted(found - wanted.keys()):
        connection.execute(DropConstraint(CheckConstraint("true", name=name, table=table)))
    for name in sorted(map(str, wanted.keys() - found)):
        connection.execute(AddConstraint(wanted[name]))


def _words(connection: Connection, column: Any) -> str:
    kind = column["type"].compile(connection.dialect)
    return f"{kind} NULL" if column["nullable"] else f"{kind} NOT NULL"
