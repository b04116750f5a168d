"""What the tables of transactions look like."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

_METADATA: Final = MetaData()

FILES: Final = Table(
    "transaction_files",
    _METADATA,
    Column("file", BigInteger, Identity(always=True), primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("layout", Text, nullable=False),
    Column("time_zone", Text),
    Column("currency", Text),
    Column("first_ordered_at", DateTime(timezone=True), nullable=False),
    Column("last_ordered_at", DateTime(timezone=True), nullable=False),
    Column("report", JSONB, nullable=False),
    Column("ingested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Each file that was ingested, with the report about its quality."""


def _line_columns() -> list[Column[Any]]:
    return [
        Column("digest", Uuid, nullable=False),
        Column("copy", Integer, nullable=False),
        Column("customer_id", Text),
        Column("order_id", Text, nullable=False),
        Column("product_id", Text, nullable=False),
        Column("description", Text),
        Column("department", Text),
        Column("quantity", Double, nullable=False),
        Column("unit_price", Double, nullable=False),
        Column("amount", Double, nullable=False),
        Column("discount", Double),
        Column("ordered_at", DateTime(timezone=True), nullable=False),
        Column("arrived_at", DateTime(timezone=True), nullable=False),
        Column("kind", Text, nullable=False),
        Column("country", Text),
        Column("line_id", Text),
        Column("problem", Text),
        Column("treatment", Text),
        Column("place", BigInteger, nullable=False),
    ]


LINES: Final = Table(
    "transactions",
    _METADATA,
    *_line_columns(),
    Column("file", BigInteger, nullable=False),  # no foreign key: Postgres would check it once for each line
    Column("ingested_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("transactions_key", "digest", "copy", unique=True),
    Index("transactions_of_customer", "customer_id"),
)
"""Every line that came. ``digest`` is what it says and ``copy`` counts lines that say the same; ``treatment`` is NULL where it
counts, and ``problem`` names why it does not; ``place`` is where it stands in its ``file``."""

INCOMING: Final = Table(
    "incoming_lines", MetaData(), *_line_columns(), prefixes=["TEMPORARY"], postgresql_on_commit="DROP"
)
"""Where the lines of a file arrive."""
