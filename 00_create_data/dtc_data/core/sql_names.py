"""Which names the catalogue may give to tables and columns."""

import re
from hashlib import blake2b
from typing import Final

LONGEST_NAME: Final = 63
"""Characters that Postgres keeps of a name."""

SURVEY_WEIGHT: Final = "survey_weight"
"""Column of tables and frames with the weights. Not plainly ``weight``, which a survey may well ask for."""

UNIT_ID: Final = "unit_id"
"""Column of our frames with the id of the unit; the catalogue says what tables and files call it."""
DATE: Final = "date"
"""Column of our frames and tables with the moment to which the features of a unit belong."""
SEGMENT: Final = "segment"
"""Column of our frames with the id of the segment; the catalogue says what tables and files call it."""
EXTRA: Final = "extra answers"
"""Column of our frames with the cells that the catalogue does not know, one text for each unit."""
WAVE_ROLE: Final = "sample"
"""Column that tells two waves in one frame apart."""

OWN_COLUMNS: Final = frozenset(
    {
        *(UNIT_ID, DATE, SEGMENT, WAVE_ROLE, SURVEY_WEIGHT),
        *("model_version", "labelled_at"),
        *("customer_id", "persona"),  # what the table of the DTC catalogue calls the id and the segment
    }
)
"""Columns of tables and frames in which features stand, too; no feature can be called like one of them."""

PRODUCT_PREFIXES: Final = (
    "drift_",
    "extra_answers_",
    "extra_columns_",
    "incoming_",
    "label_",
    "pg_",
    "pipeline_",
    "promotion",
    "telegram_",
    "transaction",
    "withdrawn_",
)
"""How names begin that belong to the product's other tables, or to Postgres."""

RESERVED_WORDS: Final = frozenset("""
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
    concurrently constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
    full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
    localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
    returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
    unique user using variadic verbose when where window with
    """.split())  # noqa: SIM905 - a list literal of a hundred words is harder to read
"""Words that Postgres does not take as a name without quotes: kinds R and T of ``pg_get_keywords()``."""

SYSTEM_COLUMNS: Final = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
"""Columns that every Postgres table has already."""

_INDEX_SUFFIX: Final = 3
"""Characters that the name of an index may add."""
_DIGEST_BYTES: Final = 5

_PATTERN = re.compile(rf"[a-z_][a-z0-9_]{{0,{LONGEST_NAME - 1}}}", re.ASCII)


def is_sql_name(text: str) -> bool:
    """Tell whether a text can name a table or column without quotes."""
    return _PATTERN.fullmatch(text) is not None and text not in RESERVED_WORDS


def name_beside(prefix: str, unit_table: str) -> str:
    """Name a table of the product that belongs to a unit table; a digest keeps long names within what Postgres allows."""
    room = LONGEST_NAME - len(prefix) - _INDEX_SUFFIX
    if len(unit_table) <= room:
        return prefix + unit_table
    digest = blake2b(unit_table.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{prefix}{unit_table[: room - len(digest) - 1]}_{digest}"


def objection_to_feature(name: str) -> str | None:
    """Say why a feature cannot have this name, or None if it can."""
    if name in OWN_COLUMNS | SYSTEM_COLUMNS:
        return "is the name of a column that every unit table or frame has; choose another"
    return _objection(name)


def objection_to_table(name: str) -> str | None:
    """Say why a unit table cannot have this name, or None if it can."""
    if name.startswith(PRODUCT_PREFIXES):
        return f"begins like another table of the product ({', '.join(PRODUCT_PREFIXES)}); choose another"
    return _objection(name)


def _objection(name: str) -> str | None:
    if name in RESERVED_WORDS:
        return "is a reserved word of SQL; choose another"
    if not is_sql_name(name):
        return f"must be lower-case letters a to z, digits and _, no digit first, at most {LONGEST_NAME} of them"
    return None
