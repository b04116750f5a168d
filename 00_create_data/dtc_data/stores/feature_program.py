"""What an engine does to make the features of stores: the same calls in the same order, whatever the engine."""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from dtc_data.stores.feature_sql import QUARTER_COLUMNS, Period, feature_steps, view_statements
from dtc_data.stores.quarters import Quarter
from dtc_data.stores.retail_tables import RetailTables, Source

_CATEGORIES: Final = "SELECT DISTINCT category FROM raw_products WHERE category IS NOT NULL ORDER BY category"
_NUMBERED_PRODUCTS: Final = """
    SELECT raw_products.product_id, category_numbers.category_no
    FROM raw_products LEFT JOIN category_numbers ON raw_products.category = category_numbers.category"""


class SqlEngine(Protocol):
    """Runs SQL on the tables of a retailer."""

    days_since_1970: str
    """The engine's expression for the days from 1970-01-01 to the date ``{}``."""

    def read(self, view: str, source: Source, table: str) -> None:
        """Put up one of a retailer's tables as a view."""

    def fill(self, view: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Put up a few rows as a view; there may be none."""

    def define(self, view: str, sql: str) -> None:
        """Put up a query as a view."""

    def keep(self, view: str, sql: str) -> None:
        """Put up a query as a view that is computed once, since it is read more than once."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""


def prepare_features(engine: SqlEngine, tables: RetailTables, quarter: Quarter | str | None) -> str:
    """Put up everything that the features are made from, and return the query that gives them.

    Raises
    ------
    WaveError
        If the sales tell nothing of the quarter, or hold no complete one.
    """
    wanted = Quarter.parse(quarter) if isinstance(quarter, str) else quarter
    for name, source in tables.named().items():
        engine.read(f"raw_{name}", source, name)
    start, end = engine.rows("SELECT MIN(date), MAX(date) FROM raw_sales")[0]
    period = Period.of(wanted, start, end)
    for name, query in view_statements(engine.days_since_1970).items():
        engine.define(name, query)
    engine.fill("quarters", QUARTER_COLUMNS, period.quarter_rows())
    categories = [row[0] for row in engine.rows(_CATEGORIES)]
    engine.fill("category_numbers", ("category", "category_no"), [(name, no) for no, name in enumerate(categories)])
    engine.define("products", _NUMBERED_PRODUCTS)
    *steps, last = feature_steps(period, categories)
    for step in steps:
        (engine.keep if step.is_reused else engine.define)(step.name, step.sql)
    return last.sql
