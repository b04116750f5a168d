"""The SQL of the behaviour features: the grains from the lines before a cutoff, then the formulas over the grains."""

from collections.abc import Mapping, Sequence
from typing import Final

from dtc_data.transactions.behaviour.behaviour_definitions import WINDOWS, FeatureDefinition, Grain

MACROS: Final = """
    CREATE MACRO days(microseconds) AS microseconds / 86_400_000_000;
    CREATE MACRO whole(x) AS CAST(round(x * 10_000) AS BIGINT);
    CREATE MACRO spread(x) AS sqrt(
        (count(x) * sum(x * x) - sum(x) * sum(x))
        / CASE WHEN count(x) > 1 THEN count(x) * (count(x) - 1) END
    ) / 10_000;
"""
"""The standard deviation comes from sums of whole numbers: those of floating-point numbers depend on the order of the rows."""

GRAINS: Final = {
    # What has happened and is known: `cutoff` is in microseconds since 1970.
    "known": """
        SELECT customer, order_id, product, department, kind = 'purchase' AS purchased,
            getvariable('cutoff') - epoch_us(ordered_at) AS age, CAST(quantity AS DECIMAL(18, 3)) AS quantity,
            CAST(amount AS DECIMAL(18, 4)) AS amount, CAST(discount AS DECIMAL(18, 4)) AS discount
        FROM lines
        WHERE epoch_us(ordered_at) < getvariable('cutoff') AND epoch_us(arrived_at) < getvariable('cutoff')
    """,
    # A line that was corrected stands there once more with the opposite sign: what is wholly reversed was not an order.
    "movements": """
        SELECT customer, purchased, max(age) AS age, count(*) FILTER (quantity > 0) AS lines,
            CAST(sum(quantity) AS DECIMAL(18, 3)) AS items, CAST(sum(amount) AS DECIMAL(18, 4)) AS amount,
            CAST(sum(discount) AS DECIMAL(18, 4)) AS discount
        FROM known GROUP BY customer, order_id, purchased HAVING NOT purchased OR sum(quantity) > 0
    """,
    # Orders of one moment share their rank, so that none of them counts as the later one. 1970 began on a Thursday.
    "orders": """
        SELECT customer, days(age) AS days_ago, lines, items, greatest(amount, 0) AS amount, discount,
            whole(ln(1 + greatest(amount, 0))) AS log_amount,
            (getvariable('cutoff') - age) // 3_600_000_000 % 24 AS hour,
            (getvariable('cutoff') - age) // 86_400_000_000 AS day, (day + 3) % 7 AS weekday,
            days(lead(age) OVER latest_first - age) AS gap_days, rank() OVER latest_first AS nth_last
        FROM movements WHERE purchased WINDOW latest_first AS (PARTITION BY customer ORDER BY age)
    """,
    "cancellations": """
        SELECT customer, days_ago, items, amount
        FROM (SELECT DISTINCT customer FROM orders) LEFT JOIN (
            SELECT customer, days(age) AS days_ago, -items AS items, -amount AS amount FROM movements WHERE NOT purchased
        ) USING (customer)
    """,
    "products": """
        SELECT customer, product, department, days(min(age)) AS days_ago, days(max(age)) AS first_days_ago,
            CAST(sum(amount) AS DECIMAL(18, 4)) AS amount
        FROM known WHERE purchased GROUP BY customer, product, department HAVING sum(quantity) > 0
    """,
    "departments": """
        SELECT customer, department, min(days_ago) AS days_ago, sum(amount) AS amount
        FROM products WHERE department IS NOT NULL GROUP BY customer, department
    """,
    "days": "SELECT customer, day, min(days_ago) AS days_ago FROM orders GROUP BY customer, day",
}
"""Tables that are made from a relation ``lines`` (`CodedLines`), in this order."""


ORDERS_BETWEEN: Final = """
    SELECT customer_id, count(*) AS orders, CAST(sum(amount) AS DOUBLE) AS amount FROM (
        SELECT customer_id, sum(CAST(amount AS DECIMAL(18, 4))) AS amount FROM lines
        WHERE kind = 'purchase' AND epoch_us(ordered_at) >= $start AND epoch_us(ordered_at) < $end AND epoch_us(arrived_at) < $known_at
        GROUP BY customer_id, order_id HAVING sum(CAST(quantity AS DECIMAL(18, 3))) > 0
    ) GROUP BY customer_id ORDER BY customer_id
"""
"""What each customer ordered between two moments, by the lines that had arrived at a third; moments in microseconds since 1970."""


def empty_query(definitions: Sequence[FeatureDefinition]) -> str | None:
    """Return the query for the features of whoever has no row, of those that are computed over the rows of a window only."""
    columns = ", ".join(_column(one) for one in definitions if _window_rows(one))
    return f"SELECT {columns} FROM orders WHERE false" if columns else None  # noqa: S608 - the formulas are ours


def feature_query(
    definitions: Sequence[FeatureDefinition], history_days: float | None, without_rows: Mapping[str, float | None]
) -> str:
    """Return the query for customer and the features in the order of their definitions, a row per customer, ordered by customer.

    Parameters
    ----------
    definitions : sequence of FeatureDefinition
        Whatever a formula names stands before it.
    history_days : float, optional
        Days before the cutoff that the lines cover; by default the customer's own.
    without_rows : mapping of str to float, optional
        What `empty_query` found.
    """
    by_rows: dict[tuple[Grain, int | None], list[FeatureDefinition]] = {}
    for one in definitions:
        by_rows.setdefault((one.grain, _window_rows(one)), []).append(one)
    combined = by_rows.pop(("features", None), [])
    joined = " LEFT JOIN ".join(
        f"({_rows_query(grain, days, members)})" + (" USING (customer)" if number else "")
        for number, ((grain, days), members) in enumerate(by_rows.items())
    )
    counted = ", ".join(
        f"coalesce({name}, {value!r}) AS {name}" for name, value in without_rows.items() if value is not None
    )
    filled = f"* REPLACE ({counted})" if counted else "*"
    with_combined = ", ".join(("*", *(_column(one) for one in combined)))
    known = "tenure_days" if history_days is None else f"{history_days!r}"
    columns = ", ".join(_if_covered(one, known) for one in definitions)
    return f"SELECT customer, {columns} FROM (SELECT {with_combined} FROM (SELECT {filled} FROM {joined})) ORDER BY customer"  # noqa: S608 - the formulas are ours


def _window_rows(definition: FeatureDefinition) -> int | None:
    """Return the days before the cutoff whose rows alone are read for a feature.

    A dozen features look at the orders of each window. Reading those orders once for all of them takes a third of the time that
    one pass over all orders takes, in which each feature passes over the orders that are too old for it.
    """
    if definition.grain != "orders" or not definition.history_days:
        return None
    return next(days for days in WINDOWS if days >= definition.history_days)


def _rows_query(grain: Grain, days: int | None, definitions: Sequence[FeatureDefinition]) -> str:
    columns = ", ".join(_column(one) for one in definitions)
    rows = grain if days is None else f"{grain} WHERE days_ago <= {days}"
    return f"SELECT customer, {columns} FROM {rows} GROUP BY customer"  # noqa: S608 - likewise


def _column(definition: FeatureDefinition) -> str:
    return f"CAST({definition.formula} AS DOUBLE) AS {definition.name}"


def _if_covered(definition: FeatureDefinition, known_days: str) -> str:
    if not definition.history_days:
        return definition.name
    return f"CASE WHEN {known_days} >= {definition.history_days} THEN {definition.name} END AS {definition.name}"
