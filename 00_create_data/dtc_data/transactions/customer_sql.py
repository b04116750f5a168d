"""The SQL of the customer features: what each customer did in the lookback before each cutoff, in one pass (DuckDB)."""

from typing import Final

from dtc_data.transactions.line_sql import matched_cancellations

# Money and items are summed as decimals: sums of doubles depend on the order of the rows.
_VISIBLE: Final = """
    SELECT cutoff, customer_id, order_id, product_id, quantity, ordered_at, kind = 'cancellation' AS is_cancelled,
        amount::DECIMAL(38, 9) AS amount, quantity::DECIMAL(38, 9) AS items
    FROM lines JOIN cutoffs ON ordered_at >= opened AND ordered_at < cutoff AND arrived_at < cutoff
"""

CUSTOMERS: Final = f"""
    WITH visible AS ({_VISIBLE}),
    taken_back AS (
        SELECT cutoff, customer_id, order_id, count(*) AS taken_back_lines
        FROM ({matched_cancellations("visible", by=["cutoff"])}) WHERE is_taken_back GROUP BY ALL
    ),
    orders AS (
        SELECT cutoff, customer_id, order_id, sum(amount) AS net, sum(items) AS items,
            min(ordered_at) FILTER (quantity > 0) AS bought_at,
            count(*) FILTER (quantity > 0) AS bought_lines,
            sum(amount) FILTER (NOT is_cancelled) AS gross,
            -sum(amount) FILTER (is_cancelled) AS returned
        FROM visible GROUP BY ALL
    ),
    counted AS (
        SELECT *, bought_lines > coalesce(taken_back_lines, 0) AS counts
        FROM orders LEFT JOIN taken_back USING (cutoff, customer_id, order_id)
    )
    SELECT cutoff, customer_id, count(*) FILTER (counts) AS frequency, sum(bought_lines) AS bought_lines,
        max(epoch_us(bought_at)) FILTER (counts) AS last_at, min(epoch_us(bought_at)) FILTER (counts) AS first_at,
        sum(net) AS net, sum(items) AS items, coalesce(sum(gross), 0) AS gross, coalesce(sum(returned), 0) AS returned
    FROM counted GROUP BY cutoff, customer_id
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
        coalesce(least(1, returned::DOUBLE / nullif(gross, 0)::DOUBLE), 0) AS share_returned
    FROM ({CUSTOMERS}) WHERE frequency > 0 ORDER BY cutoff, customer_id
"""  # noqa: S608 - the text is ours

STATUSES: Final = f"""
    SELECT cutoff, customer_id, CASE
            WHEN frequency > 0 THEN 'bought' WHEN bought_lines > 0 THEN 'orders wholly cancelled'
            ELSE 'cancellations only' END AS status
    FROM ({CUSTOMERS}) ORDER BY cutoff, customer_id
"""  # noqa: S608 - the text is ours
