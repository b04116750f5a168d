"""The SQL that makes the features of stores from their tables, the same text for DuckDB and for Spark.

:mod:`dtc_data.stores.features.feature_program` says which engine runs them in which order. Days are whole numbers since 1970 and quarters since the year 0, so that no
dialect of dates is needed. Lines are aggregated by store and day and by store and product before anything is joined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

import pyarrow as pa

from dtc_data.core import WaveError
from dtc_data.stores.features.common_features import COMPARABLE_DAYS
from dtc_data.stores.features.definitions import BESIDE, column_part, feature_definitions
from dtc_data.stores.quarters import QUARTERS_PER_YEAR, Quarter

_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Step:
    """One statement, whose result the later ones know by its name."""

    name: str
    sql: str
    is_reused: bool = False
    """Whether several steps read it, so that an engine should keep the result."""


COMPLETE_WITHIN: Final = timedelta(days=7)
"""How long before its last day the sales of a quarter may end for it to be complete: shops close on holidays."""


@dataclass(frozen=True)
class Period:
    """The quarters that are asked for, and those before that they are compared with."""

    first: Quarter
    last: Quarter
    data_start: date
    """Day of the earliest sales line."""

    @classmethod
    def of(cls, quarter: Quarter | None, start: date | None, end: date | None) -> Self:
        """Return one quarter, or all complete ones, given the days of the first and the last sales line.

        Raises
        ------
        WaveError
            If the sales tell nothing of the quarter, or hold no complete one.
        """
        if start is None or end is None:
            raise WaveError("the sales are empty: there is no quarter to compute")
        if quarter is None:
            first, last = Quarter.of(start), Quarter.from_index(Quarter.of(end + COMPLETE_WITHIN).index - 1)
            if last < first:
                raise WaveError(f"the sales go from {start} to {end}, but no quarter ends in that time")
            return cls(first, last, start)
        if not Quarter.of(start) <= quarter <= Quarter.of(end):
            raise WaveError(f"the sales tell nothing of {quarter}: they go from {start} to {end}")
        return cls(quarter, quarter, start)

    @property
    def earliest(self) -> Quarter:
        """First quarter that is read: a year before the first one, or where the sales begin."""
        return max(Quarter.from_index(self.first.index - QUARTERS_PER_YEAR), Quarter.of(self.data_start))

    def quarter_rows(self) -> list[dict[str, Any]]:
        """Return the rows of the view ``quarters``, with the columns of `QUARTERS`."""
        quarters = [Quarter.from_index(index) for index in range(self.earliest.index, self.last.index + 1)]
        return [
            {
                "quarter": quarter.index,
                "first_day": _day(quarter.first_day),
                "end_day": _day(quarter.last_day) + 1,
                "name": str(quarter),
                "last_date": quarter.last_day,
            }
            for quarter in quarters
        ]


QUARTERS: Final = pa.schema(
    {
        "quarter": pa.int32(),
        "first_day": pa.int32(),
        "end_day": pa.int32(),
        "name": pa.string(),
        "last_date": pa.date32(),
    }
)
"""Columns of the view ``quarters``; ``end_day`` is the first day after."""


def _day(day: date) -> int:
    return (day - _EPOCH).days


def view_statements(days_since_1970: str) -> dict[str, str]:
    """Return the views that the steps read, as queries on the tables ``raw_stores``, ``raw_sales`` and ``raw_inventory``.

    Parameters
    ----------
    days_since_1970 : str
        The engine's expression for the number of days from 1970-01-01 to ``{}``.
    """
    number = days_since_1970.format
    quarter = "CAST(EXTRACT(YEAR FROM date) * 4 + EXTRACT(QUARTER FROM date) - 1 AS INT) AS quarter"
    day = f"CAST({number('date')} AS INT) AS day"
    return {
        "stores": f"""
            SELECT *, CAST({number('opened')} AS INT) AS opened_day, CAST({number('closed')} AS INT) AS closed_day
            FROM raw_stores""",
        "sales_lines": f"SELECT store_id, {day}, {quarter}, product_id, basket_id, quantity, revenue, discount FROM raw_sales",
        "stock_counts": f"SELECT store_id, {quarter}, product_id, on_hand FROM raw_inventory",
    }


def feature_steps(period: Period, categories: Sequence[str]) -> list[Step]:
    """Return the statements that make the features of all stores in a period; the last one gives them.

    They read ``stores``, ``sales_lines`` and ``stock_counts`` (see `view_statements`), ``quarters`` (see
    `Period.quarter_rows`) and ``products`` with product_id and category_no, the position in ``categories``.
    """
    first_day, end_day = _day(period.earliest.first_day), _day(period.last.last_day) + 1
    asked = f"BETWEEN {period.first.index} AND {period.last.index}"
    return [
        Step("day_totals", _DAY_TOTALS.format(first_day=first_day, end_day=end_day), is_reused=True),
        Step("quarter_totals", _QUARTER_TOTALS),
        Step("first_sales", _FIRST_SALES.format(end_day=end_day)),
        Step("open_quarters", _OPEN_QUARTERS.format(data_start=_day(period.data_start)), is_reused=True),
        Step("week_totals", _WEEK_TOTALS.format(asked=asked)),
        Step("week_figures", _WEEK_FIGURES),
        Step("product_totals", _PRODUCT_TOTALS.format(asked=asked)),
        Step("assortment", _assortment(categories)),
        Step("stock", _STOCK.format(asked=asked)),
        Step("rates", _RATES),
        Step("compared_rates", _COMPARED_RATES),
        Step("totals", _TOTALS.format(asked=asked)),
        Step("features", _features(categories)),
    ]


_DAY_TOTALS: Final = """
    SELECT store_id, day, COUNT(DISTINCT basket_id) AS baskets, COUNT(*) AS lines,
           SUM(CASE WHEN discount > 0 THEN 1 WHEN discount IS NOT NULL THEN 0 END) AS discounted_lines,
           SUM(quantity) AS quantity, SUM(revenue) AS revenue, SUM(discount) AS discount,
           SUM(CASE WHEN quantity < 0 THEN -revenue ELSE 0 END) AS returned
    FROM sales_lines
    WHERE day >= {first_day} AND day < {end_day}
    GROUP BY store_id, day"""

# 1970-01-01 was a Thursday: (day + 3) % 7 is 0 on Mondays, and (day + 3) / 7 counts weeks that begin on them.
_QUARTER_TOTALS: Final = """
    SELECT store_id, quarter, SUM(baskets) AS baskets, SUM(lines) AS lines, SUM(discounted_lines) AS discounted_lines,
           SUM(quantity) AS quantity, SUM(revenue) AS revenue, SUM(discount) AS discount, SUM(returned) AS returned,
           SUM(CASE WHEN (day + 3) % 7 >= 5 THEN revenue ELSE 0 END) AS weekend_revenue, COUNT(*) AS active_days
    FROM day_totals JOIN quarters ON day >= first_day AND day < end_day
    GROUP BY store_id, quarter"""

# Where nobody knows when a store opened, it counts from its first sale on: that was known at the time.
_FIRST_SALES: Final = """
    SELECT store_id, MIN(day) AS first_sale
    FROM sales_lines
    WHERE day < {end_day} AND store_id IN (SELECT store_id FROM stores WHERE opened_day IS NULL)
    GROUP BY store_id"""

_OPEN_QUARTERS: Final = """
    SELECT store_id, quarter, first_day, end_day, name, last_date, open_from, open_until, open_until - open_from AS open_days
    FROM (
        SELECT s.store_id, q.quarter, q.first_day, q.end_day, q.name, q.last_date,
               GREATEST(q.first_day, s.from_day, {data_start}) AS open_from,
               LEAST(q.end_day, COALESCE(s.closed_day + 1, q.end_day)) AS open_until
        FROM (
            SELECT stores.store_id, stores.closed_day, COALESCE(stores.opened_day, first_sales.first_sale) AS from_day
            FROM stores LEFT JOIN first_sales ON stores.store_id = first_sales.store_id
        ) s CROSS JOIN quarters q
        WHERE s.from_day < q.end_day
    ) spans
    WHERE open_until > open_from"""

_WEEK_TOTALS: Final = """
    SELECT store_id, quarter, week, SUM(revenue) AS revenue
    FROM (
        SELECT o.store_id, o.quarter, o.open_from, o.open_until, CAST(FLOOR((d.day + 3) / 7) AS INT) AS week, d.revenue
        FROM open_quarters o JOIN day_totals d ON o.store_id = d.store_id AND d.day >= o.open_from AND d.day < o.open_until
        WHERE o.quarter {asked}
    ) open_days
    WHERE week * 7 - 3 >= open_from AND week * 7 + 4 <= open_until
    GROUP BY store_id, quarter, week"""

# Weeks without a sale have no row; the last line adds what they contribute to the squares around the mean of all weeks.
_WEEK_FIGURES: Final = """
    SELECT store_id, quarter, sold_weeks * sold_mean / weeks AS week_mean,
           SQRT((sold_squares + sold_mean * sold_mean * sold_weeks * (weeks - sold_weeks) / weeks) / NULLIF(weeks - 1, 0))
               AS week_deviation
    FROM (
        SELECT o.store_id, o.quarter,
               MAX(CAST(FLOOR((o.open_until + 3) / 7) - CEIL((o.open_from + 3) / 7) AS INT)) AS weeks,
               COUNT(*) AS sold_weeks, AVG(w.revenue) AS sold_mean, VAR_POP(w.revenue) * COUNT(*) AS sold_squares
        FROM open_quarters o JOIN week_totals w ON o.store_id = w.store_id AND o.quarter = w.quarter
        GROUP BY o.store_id, o.quarter
    ) weeks"""

_PRODUCT_TOTALS: Final = """
    SELECT store_id, quarter, product_id, SUM(revenue) AS revenue
    FROM sales_lines
    WHERE quarter {asked}
    GROUP BY store_id, quarter, product_id"""

_STOCK: Final = """
    SELECT store_id, quarter, SUM(mean_on_hand) AS mean_stock, SUM(counts) AS stock_counts, SUM(empty_counts) AS empty_counts,
           COUNT(CASE WHEN counts > empty_counts THEN 1 END) AS products_stocked
    FROM (
        SELECT store_id, quarter, product_id, AVG(on_hand) AS mean_on_hand, COUNT(*) AS counts,
               COUNT(CASE WHEN on_hand <= 0 THEN 1 END) AS empty_counts
        FROM stock_counts
        WHERE quarter {asked}
        GROUP BY store_id, quarter, product_id
    ) stocked
    GROUP BY store_id, quarter"""

_RATES: Final = f"""
    SELECT o.store_id, o.quarter,
           CASE WHEN o.open_days >= {COMPARABLE_DAYS} THEN COALESCE(t.revenue, 0) / o.open_days END AS rate
    FROM open_quarters o LEFT JOIN quarter_totals t ON o.store_id = t.store_id AND o.quarter = t.quarter"""

# A store is open without gaps, so that the row before is the quarter before.
_COMPARED_RATES: Final = """
    SELECT store_id, quarter, rate, rate_before, rate_year_before,
           CASE WHEN rates_in_year = 4 THEN year_mean END AS rate_year_mean,
           CASE WHEN rates_in_year = 4 THEN year_peak END AS rate_year_peak
    FROM (
        SELECT store_id, quarter, rate,
               LAG(rate, 1) OVER (PARTITION BY store_id ORDER BY quarter) AS rate_before,
               LAG(rate, 4) OVER (PARTITION BY store_id ORDER BY quarter) AS rate_year_before,
               COUNT(rate) OVER (PARTITION BY store_id ORDER BY quarter ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS rates_in_year,
               AVG(rate) OVER (PARTITION BY store_id ORDER BY quarter ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS year_mean,
               MAX(rate) OVER (PARTITION BY store_id ORDER BY quarter ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS year_peak
        FROM rates
    ) windows"""

_TOTALS: Final = """
    SELECT o.store_id, o.quarter, o.name, o.last_date, o.open_days, o.end_day, s.opened_day, s.size_m2, s.storage_m2, s.placement,
           s.region, s.state, s.size_imputed, s.size_error, COALESCE(t.revenue, 0) AS revenue,
           COALESCE(t.quantity, 0) AS quantity, COALESCE(t.lines, 0) AS lines, COALESCE(t.baskets, 0) AS baskets,
           t.discount, t.discounted_lines,
           COALESCE(t.returned, 0) AS returned, COALESCE(t.weekend_revenue, 0) AS weekend_revenue,
           COALESCE(t.active_days, 0) AS active_days, w.week_mean, w.week_deviation, r.rate, r.rate_before, r.rate_year_before,
           r.rate_year_mean, r.rate_year_peak, k.mean_stock, k.stock_counts, k.empty_counts, k.products_stocked, a.*
    FROM open_quarters o
    JOIN stores s ON o.store_id = s.store_id
    JOIN compared_rates r ON o.store_id = r.store_id AND o.quarter = r.quarter
    LEFT JOIN quarter_totals t ON o.store_id = t.store_id AND o.quarter = t.quarter
    LEFT JOIN week_figures w ON o.store_id = w.store_id AND o.quarter = w.quarter
    LEFT JOIN assortment a ON o.store_id = a.sold_in_store AND o.quarter = a.sold_in_quarter
    LEFT JOIN stock k ON o.store_id = k.store_id AND o.quarter = k.quarter
    WHERE o.quarter {asked}"""


def _assortment(categories: Sequence[str]) -> str:
    """Return the statement that sums the products of a store and quarter by category."""
    columns = [f"revenue_{column_part(category)}" for category in categories]
    sums = "".join(
        f",\n               SUM(CASE WHEN p.category_no = {number} THEN t.revenue ELSE 0 END) AS {column}"
        for number, column in enumerate(columns)
    )
    squares = " + ".join(f"{column} * {column}" for column in columns)
    return f"""
    SELECT *, {squares} AS category_squares
    FROM (
        SELECT t.store_id AS sold_in_store, t.quarter AS sold_in_quarter,
               COUNT(CASE WHEN t.revenue > 0 THEN 1 END) AS products_sold, MAX(t.revenue) AS top_product{sums}
        FROM product_totals t LEFT JOIN products p ON t.product_id = p.product_id
        GROUP BY t.store_id, t.quarter
    ) sold"""


def _features(categories: Sequence[str]) -> str:
    columns = ",\n           ".join(
        (
            f"CAST({feature.formula} AS DOUBLE) AS {feature.name}"
            if feature.type == "number"
            else f"{feature.formula} AS {feature.name}"
        )
        for feature in feature_definitions(categories)
    )
    return f"""
    SELECT store_id AS unit_id, name AS quarter, last_date AS date, CAST(open_days AS INT) AS open_days,
           {columns},
           {', '.join(BESIDE)}
    FROM totals
    ORDER BY unit_id, quarter"""
