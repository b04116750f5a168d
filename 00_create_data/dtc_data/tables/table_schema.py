"""What the respondent table looks like, as the catalogue wants it and as it is."""

from typing import Any

from sqlalchemy import Column, Connection, DateTime, Double, Integer, MetaData, Table, Text, inspect

from dtc_data.catalogue import Catalogue
from dtc_data.core import SURVEY_WEIGHT

KEY = ("customer_id", "date")


def unit_table(catalogue: Catalogue, name: str, *, weighted: bool = False) -> Table:
    """Describe the respondent table of a catalogue.

    A ``persona`` without a ``model_version`` was given by the vendor. A table gets the column for weights with the first
    file that has any, so that tables from before there were weights stay as good as new ones.
    """
    return Table(
        name,
        MetaData(),
        *_answer_columns(catalogue, primary_key=True),
        Column("persona", Integer),
        Column("model_version", Text),
        Column("labelled_at", DateTime(timezone=True)),
        *_weight(weighted),
    )


def incoming_units(catalogue: Catalogue, *, weighted: bool = False) -> Table:
    """Describe the temporary table in which a survey file arrives."""
    columns = _answer_columns(catalogue, primary_key=False)
    return _temporary("incoming_units", *columns, Column("persona", Integer), *_weight(weighted))


def incoming_labels() -> Table:
    """Describe the temporary table in which labels arrive."""
    key = (Column("customer_id", Text, nullable=False), Column("date", DateTime(timezone=True), nullable=False))
    return _temporary("incoming_labels", *key, Column("persona", Integer))


def _answer_columns(catalogue: Catalogue, *, primary_key: bool) -> list[Column[Any]]:
    missing_allowed = catalogue.missing_answers.minimum_answered is not None
    return [
        Column("customer_id", Text, primary_key=primary_key, nullable=False),
        Column("date", DateTime(timezone=True), primary_key=primary_key, nullable=False, index=primary_key),
        *(Column(name, Double, nullable=missing_allowed) for name in catalogue.feature_names),
    ]


def _weight(weighted: bool) -> list[Column[Any]]:  # noqa: FBT001 - a private shorthand
    return [Column(SURVEY_WEIGHT, Double)] if weighted else []


def has_weights(connection: Connection, table_name: str) -> bool:
    """Return whether there is a table of that name with a column for weights."""
    inspector = inspect(connection)
    return inspector.has_table(table_name) and any(
        column["name"] == SURVEY_WEIGHT for column in inspector.get_columns(table_name)
    )


def add_weights(connection: Connection, table: Table) -> None:
    """Add the column for weights to the respondent table; nothing happens if it has one."""
    preparer = connection.dialect.identifier_preparer
    name, column = preparer.format_table(table), preparer.quote(SURVEY_WEIGHT)
    connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {column} double precision")


def _temporary(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def differences(connection: Connection, table: Table) -> list[str] | None:
    """Say how a table in the database differs from its description; None if there is no such table."""
    inspector = inspect(connection)
    if not inspector.has_table(table.name):
        return None
    key = tuple(inspector.get_pk_constraint(table.name)["constrained_columns"])
    found = {column["name"]: _words(connection, column) for column in inspector.get_columns(table.name)}
    wanted = {
        column.name: _words(connection, {"type": column.type, "nullable": column.nullable}) for column in table.columns
    }
    return [
        *(f"column {name!r} is missing" for name in wanted if name not in found),
        *(f"column {name!r} is not in the catalogue" for name in found if name not in wanted),
        *(
            f"column {name!r} is {found[name]} instead of {words}"
            for name, words in wanted.items()
            if found.get(name, words) != words
        ),
        *([] if key == KEY else [f"the primary key is ({', '.join(key)}) instead of ({', '.join(KEY)})"]),
    ]


def _words(connection: Connection, column: Any) -> str:
    kind = column["type"].compile(connection.dialect)
    return f"{kind} NULL" if column["nullable"] else f"{kind} NOT NULL"
