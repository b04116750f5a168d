"""SQL over lines that reading a file and computing features share: what takes back what, and what corrects what (DuckDB)."""

from collections.abc import Sequence
from typing import Final

LINE_COLUMNS: Final = (
    "customer_id",
    "order_id",
    "product_id",
    "description",
    "department",
    "quantity",
    "unit_price",
    "amount",
    "discount",
    "ordered_at",
    "arrived_at",
    "kind",
    "country",
)
"""Columns of a frame of lines, in this order."""


def matched_cancellations(lines: str, by: Sequence[str] = ()) -> str:
    """Return a query that matches cancelled lines with the purchased lines that they take back.

    A line with a negative quantity takes back the latest purchase before it of the same customer, product and quantity
    that is not taken back yet, as brackets are matched: purchases open, cancellations close. Of purchases at the same
    moment that of the greater order number counts as the later, so that the order of rows never decides.

    Parameters
    ----------
    lines : str
        A relation with customer_id, order_id, product_id, quantity and ordered_at.
    by : sequence of str
        Further columns that matching lines share, such as a cutoff.

    Returns
    -------
    str
        A SELECT of all columns of the lines that have a cancellation to be matched with, ``is_taken_back`` (purchases)
        and ``is_matched`` (cancellations).
    """
    key = ", ".join([*by, "customer_id", "product_id", "size"])
    in_time = "ORDER BY ordered_at, opens DESC, order_id ROWS UNBOUNDED PRECEDING"
    sized = f"SELECT *, abs(quantity) AS size, sign(quantity) AS opens FROM {lines}"  # noqa: S608 - the names are ours
    return f"""
        WITH matchable AS (
            SELECT * FROM ({sized} WHERE quantity <> 0) SEMI JOIN ({sized} WHERE quantity < 0) USING ({key})
        ),
        counted AS (SELECT *, sum(opens) OVER (PARTITION BY {key} {in_time}) AS balance FROM matchable),
        unmatched AS (
            SELECT *, greatest(0, max(-balance) OVER (PARTITION BY {key} {in_time})) AS unmatched_so_far FROM counted
        ),
        -- A purchase and what takes it back stand on the same level, next to each other in time.
        levelled AS (
            SELECT *,
                balance + unmatched_so_far + (opens < 0)::INT AS level,
                opens < 0 AND unmatched_so_far = coalesce(
                    lag(unmatched_so_far) OVER (PARTITION BY {key} ORDER BY ordered_at, opens DESC, order_id), 0
                ) AS is_matched
            FROM unmatched
        )
        SELECT * EXCLUDE (size, opens, balance, unmatched_so_far, level),
            opens > 0 AND coalesce(
                lead(opens) OVER (PARTITION BY {key}, level ORDER BY ordered_at, opens DESC, order_id), 1
            ) < 0 AS is_taken_back
        FROM levelled
    """  # noqa: S608 - the names are ours


def current_lines(lines: str) -> str:
    """Return a query that gives lines in the form of a frame, corrected lines with their reversal.

    A line that a later one with its line_id corrects stays as it was, since it was all that was known then; from the
    moment of the correction its reversal takes it out of all sums.

    Parameters
    ----------
    lines : str
        A relation with `LINE_COLUMNS`, line_id, treatment (NULL where a line counts) and place.
    """
    same = "PARTITION BY line_id ORDER BY arrived_at, place"
    columns = ", ".join(LINE_COLUMNS)
    reversed_ = columns.replace("quantity", "-quantity AS quantity").replace("amount", "-amount AS amount")
    reversed_ = reversed_.replace("discount", "-discount AS discount").replace(
        "arrived_at", "replaced_at AS arrived_at"
    )
    return f"""
        WITH versions AS (
            SELECT *, CASE WHEN line_id IS NOT NULL THEN lead(arrived_at) OVER ({same}) END AS replaced_at FROM {lines}
        )
        SELECT {columns}, place, false AS is_reversal FROM versions WHERE treatment IS NULL
        UNION ALL
        SELECT {reversed_}, place, true FROM versions WHERE treatment IS NULL AND replaced_at IS NOT NULL
    """  # noqa: S608 - the names are ours
