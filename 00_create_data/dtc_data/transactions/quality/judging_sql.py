"""The SQL by which lines are judged, in DuckDB: what came, the facts about each line, and what follows from them."""

from typing import Final

from dtc_data.transactions.line_sql import LINE_COLUMNS, current_lines, matched_cancellations
from dtc_data.transactions.quality.line_rules import REMOVING, RULES, Rule

CAME: Final = """
    CREATE TABLE came (
        place BIGINT, customer_id VARCHAR, order_id VARCHAR, product_id VARCHAR, description VARCHAR, department VARCHAR,
        country VARCHAR, currency VARCHAR, line_id VARCHAR, quantity DOUBLE, unit_price DOUBLE, amount DOUBLE,
        discount DOUBLE, ordered_at TIMESTAMPTZ, arrived_at TIMESTAMPTZ, is_cancelled BOOLEAN
    )"""

# What a line says, as a text that no version of DuckDB writes otherwise. How a product is described is not a part of it: master
# data change, and a line that comes again with another description is the same line.
_DIGEST: Final = """md5(concat_ws(chr(31),
        coalesce(customer_id, chr(30)), order_id, product_id, coalesce(line_id, chr(30)), (quantity * 1e6)::HUGEINT,
        (unit_price * 1e6)::HUGEINT, (amount * 1e6)::HUGEINT, epoch_us(ordered_at), is_cancelled))::UUID"""

FACTS: Final = f"""
    CREATE TABLE facts AS
    WITH described AS (
        SELECT came.* REPLACE (
                coalesce(product.description, came.description) AS description,
                coalesce(product.department, came.department) AS department
            ),
            {_DIGEST} AS digest
        FROM came LEFT JOIN products AS product USING (product_id)
    ),
    measured AS (
        SELECT *, quantity <> 0 AND (list_contains($by_measure, product_id)
            OR coalesce(list_contains($by_measure, description), false)) AS is_by_measure
        FROM described
    ),
    orders AS (
        SELECT order_id, min(ordered_at) AS first_at, max(ordered_at) > min(ordered_at) AS has_two_times,
            coalesce(max(customer_id) > min(customer_id), false) AS has_two_customers
        FROM came GROUP BY order_id
    ),
    customers AS (
        SELECT customer_id, coalesce(max(country) > min(country), false) AS has_two_countries,
            bool_and(is_cancelled OR quantity <= 0 OR unit_price <= 0) AS never_bought
        FROM came WHERE customer_id IS NOT NULL GROUP BY customer_id
    ),
    again AS (
        SELECT place, row_number() OVER (PARTITION BY digest ORDER BY place) AS copy,
            row_number() OVER (PARTITION BY digest, description ORDER BY place) > 1 AS is_repeated
        FROM described SEMI JOIN (SELECT digest FROM described GROUP BY digest HAVING count(*) > 1) USING (digest)
    ),
    ids AS (
        SELECT line_id, max(digest) > min(digest) AS has_versions, max(arrived_at) AS last_arrival
        FROM described WHERE line_id IS NOT NULL GROUP BY line_id
    )
    SELECT measured.* REPLACE (
            CASE WHEN is_by_measure THEN sign(quantity) ELSE quantity END AS quantity,
            CASE WHEN is_by_measure THEN amount * sign(quantity) ELSE unit_price END AS unit_price
        ),
        coalesce(copy, 1) AS copy, coalesce(is_repeated, false) AS is_repeated,
        list_contains($not_goods, upper(product_id)) AS is_no_good,
        coalesce(currency <> $currency, false) AS is_foreign,
        $drops_duplicates AS drops_duplicates,
        coalesce(has_versions AND NOT $has_arrivals, false) AS is_contradicted,
        coalesce(has_versions AND arrived_at < last_arrival, false) AS is_corrected,
        first_at, has_two_times, has_two_customers,
        coalesce(has_two_countries, false) AS has_two_countries,
        coalesce(never_bought, false) AS never_bought
    FROM measured
    JOIN orders USING (order_id)
    LEFT JOIN customers USING (customer_id)
    LEFT JOIN ids USING (line_id)
    LEFT JOIN again USING (place)
"""  # noqa: S608 - the text is ours
"""Facts about each line: its own, those of its order, its customer and its id."""

_REMOVING: Final = [rule for rule in RULES if rule.treatment in REMOVING]


def _first_of(answer: str) -> str:
    cases = (f"WHEN {rule.condition} THEN '{getattr(rule, answer)}'" for rule in _REMOVING)
    return f"CASE {' '.join(cases)} END"


JUDGED: Final = f"""
    CREATE VIEW judged AS
    SELECT * REPLACE (
            first_at AS ordered_at, CASE WHEN arrived_at = ordered_at THEN first_at ELSE arrived_at END AS arrived_at
        ),
        CASE WHEN is_cancelled THEN 'cancellation' ELSE 'purchase' END AS kind,
        {_first_of("name")} AS problem, {_first_of("treatment")} AS treatment,
        customer_id IS NOT NULL AND NOT is_cancelled AND quantity > 0 AND unit_price > 0 AS is_plain
    FROM facts
"""  # noqa: S608 - the text is ours
"""Each line with the first problem for which it does not count, and what is done about it; NULL where it counts."""

MATCHED: Final = f"""
    CREATE TABLE matched AS
    SELECT place, order_id, is_matched, is_taken_back
    FROM ({matched_cancellations("(SELECT * FROM judged WHERE treatment IS NULL)")})
"""  # noqa: S608 - the text is ours

REPORTED: Final = """
    CREATE VIEW reported AS
    WITH taken_back AS (SELECT order_id, count(*) AS lines FROM matched WHERE is_taken_back GROUP BY order_id),
    bought AS (
        SELECT order_id, count(*) AS lines FROM judged WHERE treatment IS NULL AND NOT is_cancelled GROUP BY order_id
    )
    SELECT judged.*,
        is_cancelled AND treatment IS NULL AND NOT coalesce(is_matched, false) AS is_unmatched,
        coalesce(NOT is_cancelled AND treatment IS NULL AND taken_back.lines = bought.lines, false) AS is_of_cancelled_order
    FROM judged
    LEFT JOIN (SELECT place, is_matched FROM matched) USING (place)
    LEFT JOIN taken_back USING (order_id)
    LEFT JOIN bought USING (order_id)
"""
"""Each judged line with what the matching of cancellations says about it."""

SUMMARY: Final = """
    SELECT count(*) AS lines, count(*) FILTER (treatment IS NULL) AS kept_lines,
        count(DISTINCT customer_id) FILTER (treatment IS NULL) AS customers,
        count(DISTINCT order_id) FILTER (treatment IS NULL AND NOT is_cancelled) AS orders,
        coalesce(sum(amount) FILTER (amount > 0 AND NOT is_cancelled), 0) AS revenue,
        coalesce(sum(amount) FILTER (treatment IS NULL), 0) AS net_amount,
        min(ordered_at) AS first_ordered_at, max(ordered_at) AS last_ordered_at,
        count(*) FILTER (is_plain) AS plain_lines, count(DISTINCT customer_id) FILTER (is_plain) AS plain_customers
    FROM judged
"""

_UNITS: Final = {"lines": "*", "orders": "DISTINCT order_id", "customers": "DISTINCT customer_id"}


def problems(first_places: int) -> str:
    """Return the query that counts all problems at once, four columns for each rule by its number."""
    columns = ", ".join(_figures(rule, number, first_places) for number, rule in enumerate(RULES))
    return f"SELECT {columns} FROM reported"  # noqa: S608 - the text is ours


def _figures(rule: Rule, number: int, first_places: int) -> str:
    those = f"FILTER ({rule.condition})"
    money = "greatest(amount, 0)" if rule.money == "sales" else "greatest(-amount, 0)"
    return (
        f"count(*) {those} AS lines_{number}, count({_UNITS[rule.counted]}) {those} AS count_{number}, "
        f"coalesce(sum({money}) {those}, 0) AS money_{number}, min(place, {first_places}) {those} AS places_{number}"
    )


_COUNTED: Final = "(SELECT * FROM judged WHERE problem IS DISTINCT FROM 'line id repeated')"

KEPT: Final = (
    f"SELECT {', '.join(LINE_COLUMNS)} FROM ({current_lines(_COUNTED)}) ORDER BY place, is_reversal"  # noqa: S608
)
"""The lines that count, in the order of the file."""
PLAIN: Final = f"SELECT {', '.join(LINE_COLUMNS)} FROM judged WHERE is_plain ORDER BY place"  # noqa: S608
"""The lines of known customers, not cancelled, with quantity and price above 0, and no other rule applied."""
