"""The SQL of the behaviour features: the grains from the lines before a cutoff, then the formulas over the grains."""

from collections.abc import Sequence
from typing import Final

from dtc_data.transactions.behaviour.behaviour_definitions import FeatureDefinition, Grain

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
        SELECT customer_id, order_id, product_id, department, kind = 'purchase' AS purchased,
            getvariable('cutoff') - epoch_us(ordered_at) AS age, CAST(quantity AS DECIMAL(18, 3)) AS quantity,
            CAST(amount AS DECIMAL(18, 4)) AS amount, CAST(discount AS DECIMAL(18, 4)) AS discount
        FROM lines
        WHERE epoch_us(ordered_at) < getvariable('cutoff') AND epoch_us(arrived_at) < getvariable('cutoff')
    """,
    # A line that was corrected stands there once more with the opposite sign: what is wholly reversed was not an order.
    "movements": """
        SELECT customer_id, purchased, max(age) AS age, count(*) FILTER (quantity > 0) AS lines,
            CAST(sum(quantity) AS DECIMAL(18, 3)) AS items, CAST(sum(amount) AS DECIMAL(18, 4)) AS amount,
            CAST(sum(discount) AS DECIMAL(18, 4)) AS discount
        FROM known GROUP BY customer_id, order_id, purchased HAVING NOT purchased OR sum(quantity) > 0
    """,
    # Orders of one moment share their rank, so that none of them counts as the later one. 1970 began on a Thursday.
    "orders": """
        SELECT customer_id, days(age) AS days_ago, lines, items, greatest(amount, 0) AS amount, discount,
            whole(ln(1 + greatest(amount, 0))) AS log_amount,
            (getvariable('cutoff') - age) // 3_600_000_000 % 24 AS hour,
            (getvariable('cutoff') - age) // 86_400_000_000 AS day, (day + 3) % 7 AS weekday,
            days(lead(age) OVER latest_first - age) AS gap_days, rank() OVER latest_first AS nth_last
        FROM movements WHERE purchased WINDOW latest_first AS (PARTITION BY customer_id ORDER BY age)
    """,
    "cancellations": """
        SELECT customer_id, days_ago, items, amount
        FROM (SELECT DISTINCT customer_id FROM orders) LEFT JOIN (
            SELECT customer_id, days(age) AS days_ago, -items AS items, -amount AS amount FROM movements WHERE NOT purchased
        ) USING (customer_id)
    """,
    "products": """
        SELECT customer_id, product_id, department, days(min(age)) AS days_ago, days(max(age)) AS first_days_ago,
            CAST(sum(amount) AS DECIMAL(18, 4)) AS amount
        FROM known WHERE purchased GROUP BY customer_id, product_id, department HAVING sum(quantity) > 0
    """,
    "departments": """
        SELECT customer_id, department, min(days_ago) AS days_ago, sum(amount) AS amount
        FROM products WHERE department IS NOT NULL GROUP BY customer_id, department
    """,
    "days": "SELECT customer_id, day, min(days_ago) AS days_ago FROM orders GROUP BY customer_id, day",
}
"""Tables that are made from a relation ``lines``, in this order."""


ORDERS_BETWEEN: Final = """
    SELECT customer_id, count(*) AS orders, CAST(sum(amount) AS DOUBLE) AS amount FROM (
        SELECT customer_id, sum(CAST(amount AS DECIMAL(18, 4))) AS amount FROM lines
        WHERE kind = 'purchase' AND epoch_us(ordered_at) >= $start AND epoch_us(ordered_at) < $end AND epoch_us(arrived_at) < $known_at
        GROUP BY customer_id, order_id HAVING sum(CAST(quantity AS DECIMAL(18, 3))) > 0
    ) GROUP BY customer_id ORDER BY customer_id
"""
"""What each customer ordered between two moments, by the lines that had arrived at a third; moments in microseconds since 1970."""


def feature_query(definitions: Sequence[FeatureDefinition], history_days: float | None) -> str:
    """Return the query for customer_id and the features in the order of their definitions, a row per customer.

    Parameters
    ----------
    definitions : sequence of FeatureDefinition
        Whatever a formula names stands before it.
    history_days : float, optional
        Days before the cutoff that the lines cover; by default the customer's own.
    """
    by_grain: dict[Grain, list[FeatureDefinition]] = {}
    for one in definitions:
        by_grain.setdefault(one.grain, []).append(one)
    combined = by_grain.pop("features", [])
    grains = " LEFT JOIN ".join(
        f"({_grain_query(grain, members)})" + (" USING (customer_id)" if number else "")
        for number, (grain, members) in enumerate(by_grain.items())
    )
    with_combined = ", ".join(("*", *(_column(one) for one in combined)))
    known = "tenure_days" if history_days is None else f"{history_days!r}"
    columns = ", ".join(_if_covered(one, known) for one in definitions)
    return f"SELECT customer_id, {columns} FROM (SELECT {with_combined} FROM {grains}) ORDER BY customer_id"  # noqa: S608 - the formulas are ours


def _grain_query(grain: Grain, definitions: Sequence[FeatureDefinition]) -> str:
    columns = ", ".join(_column(one) for one in definitions)
    return f"SELECT customer_id, {columns} FROM {grain} GROUP BY customer_id"  # noqa: S608 - likewise


def _column(definition: FeatureDefinition) -> str:
    return f"CAST({definition.formula} AS DOUBLE) AS {definition.name}"


def _if_covered(definition: FeatureDefinition, known_days: str) -> str:
    if not definition.history_days:
        return definition.name
    return f"CASE WHEN {known_days} >= {definition.history_days} THEN {definition.name} END AS {definition.name}"
