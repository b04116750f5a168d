"""The SQL of the customer features: what each customer did in the lookback before each cutoff, in one pass (DuckDB)."""

from typing import Final

from dtc_data.transactions.line_sql import matched_cancellations

# Money and items are summed as decimals: sums of doubles depend on the order of the rows.
_EXACT: Final = "DECIMAL(18, 8)"

VISIBLE: Final = """
    CREATE VIEW visible AS
    SELECT cutoff, customer_id, order_id, product_id, quantity, amount, ordered_at, kind = 'cancellation' AS is_cancelled
    FROM lines JOIN cutoffs ON ordered_at >= opened AND ordered_at < cutoff AND arrived_at < cutoff
"""
"""What is known at each cutoff. A view, since DuckDB would keep a common table expression with all lines once per cutoff."""

CUSTOMERS: Final = f"""
    WITH taken_back AS (
        SELECT cutoff, customer_id, order_id, count(*) AS taken_back_lines
        FROM ({matched_cancellations("visible", by=["cutoff"])}) WHERE is_taken_back GROUP BY ALL
    ),
    orders AS (
        SELECT cutoff, customer_id, order_id, min(ordered_at) AS bought_at, count(*) AS bought_lines
        FROM visible WHERE quantity > 0 GROUP BY ALL
    ),
    bought AS (
        SELECT cutoff, customer_id, count(*) AS frequency,
            max(epoch_us(bought_at)) AS last_at, min(epoch_us(bought_at)) AS first_at
        FROM orders LEFT JOIN taken_back USING (cutoff, customer_id, order_id)
        WHERE bought_lines > coalesce(taken_back_lines, 0) GROUP BY ALL
    ),
    totals AS (
        SELECT cutoff, customer_id, count(*) FILTER (quantity > 0) AS bought_lines, sum(quantity::{_EXACT}) AS items,
            sum(amount::{_EXACT}) AS net, coalesce(-sum(amount::{_EXACT}) FILTER (is_cancelled), 0) AS returned
        FROM visible GROUP BY ALL
    )
    SELECT totals.*, coalesce(frequency, 0) AS frequency, last_at, first_at
    FROM totals LEFT JOIN bought USING (cutoff, customer_id)
"""  # noqa: S608 - the text is ours
"""One row per cutoff and customer with a line in the lookback."""

FEATURES: Final = f"""
    SELECT cutoff, customer_id,
        (epoch_us(cutoff) - last_at) / 86_400e6 AS recency_days,
        frequency,
        net::DOUBLE AS monetary,
        net::DOUBLE / frequency AS average_basket,
        items::DOUBLE AS items,
        CASE WHEN frequency > 1 THEN (last_at - first_at) / 86_400e6 / (frequency - 1) END AS days_between_orders,
        coalesce(least(1, returned::DOUBLE / nullif(net + returned, 0)::DOUBLE), 0) AS share_returned
    FROM ({CUSTOMERS}) WHERE frequency > 0 ORDER BY cutoff, customer_id
"""  # noqa: S608 - the text is ours

STATUSES: Final = f"""
    SELECT cutoff, customer_id, CASE
            WHEN frequency > 0 THEN 'bought' WHEN bought_lines > 0 THEN 'orders wholly cancelled'
            ELSE 'cancellations only' END AS status
    FROM ({CUSTOMERS}) ORDER BY cutoff, customer_id
"""  # noqa: S608 - the text is ours
