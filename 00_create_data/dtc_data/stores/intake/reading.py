"""A retailer's files through the door: checked row by row, treated by stated rules, and written as Parquet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dtc_data.core import RetailDataError
from dtc_data.stores.intake.checked_rows import CheckedRows
from dtc_data.stores.intake.contracts import CONTRACTS, Known
from dtc_data.stores.intake.file_tables import put_up_files, repeated_rows
from dtc_data.stores.intake.quality_report import CheckOutcome, QualityReport
from dtc_data.stores.intake.retail_layout import OTHER, RetailLayout, load_retail_layout
from dtc_data.stores.intake.size_imputation import SizeImputation, impute_sizes
from dtc_data.stores.retail_tables import SCHEMAS, RetailTables

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class RetailReading:
    """A retailer's tables, and what was found on the way in."""

    tables: RetailTables
    quality: QualityReport
    sizes: SizeImputation


class RefusedFilesError(RetailDataError):
    """A retailer's files break a check that must hold; nothing was read."""

    def __init__(self, quality: QualityReport) -> None:
        failed = "\n  ".join(
            f"{outcome.name}: {outcome.failed:,} of {outcome.rows:,} rows {quality.done(outcome)}; required: {outcome.sentence}"
            + (
                f"; first: {', '.join(f'{name}={value}' for name, value in outcome.first[0].items())}"
                if outcome.first
                else ""
            )
            for outcome in quality.refusals
        )
        super().__init__(
            f"{quality.retailer}: nothing was read, since\n  {failed}\n"
            "Mend the files, or state another rule under 'treatments' or 'refuse_above' in retail.yaml"
        )
        self.quality = quality


def read_retail(layout_path: str | Path, folder: str | Path, *, today: date | None = None) -> RetailReading:
    """Read a retailer's files by its ``retail.yaml``, and write what passes the checks as Parquet.

    Parameters
    ----------
    layout_path : str or Path
        The ``retail.yaml``.
    folder : str or Path
        Where the four tables go; made if it is missing.
    today : date, optional
        The day until which the files tell, where the layout does not say.

    Returns
    -------
    RetailReading
        The tables with the missing sizes imputed, and the report.

    Raises
    ------
    RetailDataError
        If a file or the layout cannot be used.
    RefusedFilesError
        If a check that must hold is broken, or one that leaves rows out is broken too often.
    """
    layout = load_retail_layout(layout_path)
    _refuse_unknown_treatments(layout, layout_path)
    with TemporaryDirectory(prefix="dtc-duckdb-") as spill, _opened(spill) as connection:
        put_up_files(connection, layout, Path(spill))
        return _Door(connection, layout, Path(folder), today or datetime.now(UTC).date()).let_in()


@contextmanager
def _opened(spill: str) -> Iterator["duckdb.DuckDBPyConnection"]:
    import duckdb  # noqa: PLC0415 - half a second, for whoever only imports the facade

    with duckdb.connect(config={"temp_directory": spill}) as connection:
        try:
            yield connection
        except duckdb.Error as error:
            raise RetailDataError(f"a file cannot be read to its end: {error}") from error


def _refuse_unknown_treatments(layout: RetailLayout, path: str | Path) -> None:
    known = {f"{table}.{requirement.check}" for table, contract in CONTRACTS.items() for requirement in contract}
    if unknown := sorted(set(layout.treatments) - known):
        raise RetailDataError(
            f"{path}: treatments names {', '.join(unknown)}, but the checks are {', '.join(sorted(known))}"
        )


class _Door:
    """Checks the tables one after the other, those first that others refer to."""

    def __init__(
        self, connection: "duckdb.DuckDBPyConnection", layout: RetailLayout, folder: Path, today: date
    ) -> None:
        self._connection = connection
        self._layout = layout
        self._folder = folder
        self._known = Known(layout.until or today)
        self._outcomes: list[CheckOutcome] = []
        self._rows: dict[str, int] = {}
        self._read: dict[str, int] = {}

    def let_in(self) -> RetailReading:
        """Check everything, and only then put the tables into the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        stores = self._frame("stores")
        products = _grouped(self._frame("products"), self._layout)
        self._known = replace(self._known, stores=stores.drop_duplicates("store_id"), products=products)
        with TemporaryDirectory(prefix="reading-", dir=self._folder) as parts:
            for name in ("sales", "inventory"):
                self._file(name, Path(parts) / f"{name}.parquet")
            stores, sizes = impute_sizes(stores, self._first_day(Path(parts) / "sales.parquet"))
            quality = QualityReport(
                self._layout.name,
                self._rows,
                self._read,
                tuple(self._outcomes),
                self._layout.refuse_above,
                (str(sizes),),
            )
            if quality.refusals:
                raise RefusedFilesError(quality)
            for name in ("sales", "inventory"):
                (Path(parts) / f"{name}.parquet").replace(self._folder / f"{name}.parquet")
        tables = RetailTables(stores, products, self._folder / "sales.parquet", self._folder / "inventory.parquet")
        return RetailReading(tables.write(self._folder), quality, sizes)

    def _first_day(self, sales: Path) -> date | None:
        days = self._connection.execute("SELECT MIN(date) FROM read_parquet($1)", [str(sales)]).fetchall()
        first: date | None = days[0][0]
        return first

    def _frame(self, table: str) -> pd.DataFrame:
        """Return the rows of a small table that are read."""
        batches = [batch.to_pandas() for batch in self._batches(table)]
        frame: pd.DataFrame = pd.concat(batches or [SCHEMAS[table].empty_table().to_pandas()], ignore_index=True)
        days = [name for name in ("opened", "closed") if name in frame]
        return frame.assign(**{name: pd.to_datetime(frame[name]) for name in days})

    def _file(self, table: str, path: Path) -> None:
        """Write the rows of a large table that are read."""
        with pq.ParquetWriter(path, SCHEMAS[table]) as writer:
            if table in self._layout.named_files():
                for batch in self._batches(table):
                    writer.write_table(batch.cast(SCHEMAS[table]))

    def _batches(self, table: str) -> Iterator[pa.Table]:
        known = replace(self._known, repetitions=repeated_rows(self._connection, table))
        checked = CheckedRows(self._connection, table, known, self._layout.treatments)
        yield from checked.batches()
        self._outcomes.extend(checked.outcomes())
        self._rows[table], self._read[table] = checked.rows, checked.read


def _grouped(products: pd.DataFrame, layout: RetailLayout) -> pd.DataFrame:
    """Return products whose category is one that has features, or `OTHER`."""
    category = products["category"]
    if layout.categories is not None:
        category = category.where(category.isin(layout.categories))
    return products.assign(category=category.fillna(OTHER))
