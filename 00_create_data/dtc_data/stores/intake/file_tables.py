"""A retailer's files as tables of DuckDB, under our names for their columns and in our types."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from dtc_data.core import RetailDataError
from dtc_data.files import DecimalCommas
from dtc_data.stores.intake.contracts import ROW
from dtc_data.stores.intake.found_files import as_found
from dtc_data.stores.intake.retail_layout import RetailLayout, TableFile
from dtc_data.stores.retail_tables import DAY, NUMBER, SCHEMAS
from dtc_data.stores.sql_text import identifier, quoted

if TYPE_CHECKING:
    import duckdb

REQUIRED: Final = {
    "stores": ("store_id",),
    "products": ("product_id", "category"),
    "sales": ("store_id", "date", "product_id", "quantity", "revenue"),
    "inventory": ("store_id", "date", "product_id", "on_hand"),
}
"""Columns without which a file is not read."""

MADE_HERE: Final = ("size_imputed", "size_error")
"""Columns that no file has."""

_KEYS: Final = {
    "stores": "store_id",
    "products": "product_id",
    "sales": "line_id",
    "inventory": "(store_id, date, product_id)",
}


def put_up_files(connection: "duckdb.DuckDBPyConnection", layout: RetailLayout, folder: Path) -> None:
    """Make two views of each table: ``file_NAME``, as it stands in the file, and ``NAME``, under our names and in our types.

    Both have the position of the row. The second tells in ``COLUMN_unreadable`` whether an entry is neither empty nor
    what it should be. Files that DuckDB does not read are written again into a folder.

    Raises
    ------
    RetailDataError
        If a file cannot be read or lacks a column; the message names both.
    """
    import duckdb  # noqa: PLC0415 - half a second, for whoever only reads layouts

    for table, named in layout.named_files().items():
        file = as_found(named, [named.columns.get(name, name) for name in SCHEMAS[table].names], folder)
        try:
            connection.execute(
                f"CREATE VIEW file_{table} AS SELECT row_number() OVER () AS {ROW}, * FROM {_source(file)}"
            )
            types = dict(connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE file_{table})").fetchall())
        except duckdb.Error as error:
            raise RetailDataError(f"{named.path}: the file cannot be read: {str(error).splitlines()[0]}") from error
        decimal = file.decimal or _found_decimal(connection, table, named, types)
        columns = _columns(table, named.model_copy(update={"decimal": decimal}), types)
        connection.execute(f"CREATE VIEW {table} AS SELECT {ROW}, {', '.join(columns)} FROM file_{table}")


def repeated_rows(connection: "duckdb.DuckDBPyConnection", table: str) -> frozenset[int]:
    """Return the rows whose key an earlier row of the table has already."""
    key = _KEYS[table]
    rows = connection.execute(f"""
        SELECT {ROW} FROM (
            SELECT {ROW}, row_number() OVER (PARTITION BY {key} ORDER BY {ROW}) AS occurrence
            FROM {table} WHERE {key} IN (SELECT {key} FROM {table} GROUP BY ALL HAVING COUNT(*) > 1)
        ) WHERE occurrence > 1""").fetchall()
    return frozenset(row for (row,) in rows)


def rows_as_delivered(
    connection: "duckdb.DuckDBPyConnection", table: str, rows: list[int]
) -> dict[int, dict[str, str]]:
    """Return some rows as they stand in the file, by their position."""
    if not rows:
        return {}
    found = connection.execute(f"SELECT * FROM file_{table} WHERE {ROW} IN ({', '.join(map(str, rows))})")
    names = [column[0] for column in found.description]
    delivered = [dict(zip(names, map(_shown, cells), strict=True)) for cells in found.fetchall()]
    return {int(row[ROW]): row for row in delivered}


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell)


def _source(file: TableFile) -> str:
    """Return the table function that reads a file; of several files each row tells its own."""
    options = ["filename = true"] if "*" in file.path.name else []
    if file.is_parquet:
        return f"read_parquet({', '.join([quoted(file.path), *options])})"
    options += [f"delim = {quoted(file.separator)}", f"encoding = {quoted(file.encoding)}"]
    return f"read_csv({', '.join([quoted(file.path), 'all_varchar = true', 'header = true', *options])})"


def _found_decimal(connection: "duckdb.DuckDBPyConnection", table: str, file: TableFile, types: dict[str, str]) -> str:
    """Return what stands before the decimals in the columns of numbers, by all their different cells."""
    decimals = DecimalCommas(None)
    for ours in SCHEMAS[table].names:
        name = file.columns.get(ours, ours)
        if SCHEMAS[table].field(ours).type == NUMBER and types.get(name) == "VARCHAR":
            cells = connection.execute(
                f"SELECT DISTINCT {identifier(name)} FROM file_{table} WHERE {identifier(name)} IS NOT NULL"
            )
            decimals.points([str(cell) for (cell,) in cells.fetchall()], name)
    if doubts := [f"column {column!r}: {message}" for column, message in decimals.doubts()]:
        raise RetailDataError(f"{file.path}: {'; '.join(doubts)}")
    return decimals.sign or "."


def _columns(table: str, file: TableFile, types: dict[str, str]) -> list[str]:
    """Return the expressions that make our columns from those of a file."""
    names = {ours: file.columns.get(ours, ours) for ours in SCHEMAS[table].names if ours not in MADE_HERE}
    unknown = [name for name in file.columns if name not in names]
    missing = [names[name] for name in REQUIRED[table] if names[name] not in types]
    missing += [name for name in file.line if name not in types]
    missing += [theirs for ours, theirs in file.columns.items() if theirs not in types and theirs not in missing]
    if table == "sales" and not file.line and names["line_id"] not in types:
        missing.append(f"{names['line_id']} (or 'line': the columns that tell one line from another)")
    if unknown:
        raise RetailDataError(f"{file.path}: 'columns' names {', '.join(unknown)}, but {table} have {', '.join(names)}")
    if missing:
        raise RetailDataError(
            f"{file.path}: there is no column {', '.join(missing)}; the file has {', '.join(list(types)[1:])}. "
            "Say under 'columns' in retail.yaml what they are called"
        )
    expressions = []
    for ours, theirs in names.items():
        if ours == "line_id" and file.line:
            parts = ", ".join(identifier(name) for name in file.line)
            expressions.append(f"concat_ws('|', {parts}) AS line_id")
        elif theirs not in types:
            expressions.append(_absent(table, ours))
        else:
            expressions.append(_present(table, ours, theirs, types[theirs], file))
    return expressions


def _absent(table: str, ours: str) -> str:
    kind = SCHEMAS[table].field(ours).type
    if kind in {NUMBER, DAY}:
        return f"CAST(NULL AS {'DOUBLE' if kind == NUMBER else 'DATE'}) AS {ours}, false AS {ours}_unreadable"
    return f"CAST(NULL AS VARCHAR) AS {ours}"


def _present(table: str, ours: str, theirs: str, type_in_file: str, file: TableFile) -> str:
    column, kind = identifier(theirs), SCHEMAS[table].field(ours).type
    is_text = type_in_file == "VARCHAR"
    if kind == NUMBER:
        sign = file.decimal or "."
        entry = f"replace({column}, {quoted(sign)}, '.')" if is_text and sign != "." else column
        value = f"try_cast({entry} AS DOUBLE)"
        value = f"CASE WHEN isfinite({value}) THEN {value} END"
    elif kind == DAY:
        formatted = f"try_strptime({column}, {quoted(file.date_format)})" if file.date_format else column
        value = f"CAST(try_cast({formatted if is_text else column} AS TIMESTAMP) AS DATE)"
    else:
        whole = f"CAST({column} AS BIGINT)" if type_in_file in {"DOUBLE", "FLOAT"} else column
        return f"NULLIF(trim(CAST({whole} AS VARCHAR)), '') AS {ours}"
    empty = f"trim({column}) = ''" if is_text else "false"
    return f"{value} AS {ours}, ({column} IS NOT NULL AND NOT {empty} AND {value} IS NULL) AS {ours}_unreadable"
