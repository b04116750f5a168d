"""What can be wrong with the lines of a retailer, as a table of rules: how it is recognised, and what is done about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal


class Treatment(StrEnum):
    """What is done about a problem."""

    FILE_REFUSED = "file refused"
    LINE_REFUSED = "line refused"
    QUARANTINED = "quarantined"
    LEFT_OUT = "left out"
    KEPT = "kept"


REMOVING: Final = (Treatment.LINE_REFUSED, Treatment.QUARANTINED, Treatment.LEFT_OUT)
"""Treatments after which a line does not count."""


@dataclass(frozen=True)
class Rule:
    """One problem that lines can have."""

    name: str
    condition: str
    """SQL over the columns of `dtc_data.transactions.quality.judging_sql`, true of a line that has the problem."""
    treatment: Treatment
    done: str
    """What was done about it, for a reader."""
    counted: Literal["lines", "orders", "customers"] = "lines"
    money: Literal["sales", "returns"] = "sales"
    """Whether its share of the revenue is that of what came in or of what was given back."""


_BY_CELL: Final = "false"
"""Condition of what is found cell by cell, before there are any lines: a file with it has no report."""

MISSING_CUSTOMER: Final = "missing customer"

RULES: Final = (
    Rule("unreadable date", _BY_CELL, Treatment.FILE_REFUSED, "the file is refused and the line named"),
    Rule("unreadable quantity or amount", _BY_CELL, Treatment.FILE_REFUSED, "the file is refused and the line named"),
    Rule("line after the file's date", _BY_CELL, Treatment.FILE_REFUSED, "the file is refused and the line named"),
    Rule("no declared time zone", _BY_CELL, Treatment.FILE_REFUSED, "the file is refused"),
    Rule("two currencies", "is_foreign", Treatment.FILE_REFUSED, "the file is refused: amounts cannot be summed"),
    Rule(
        "one order with two customers",
        "has_two_customers",
        Treatment.FILE_REFUSED,
        "the file is refused: whose order it is cannot be known",
        counted="orders",
    ),
    Rule(
        "one line id with two contents",
        "is_contradicted",
        Treatment.FILE_REFUSED,
        "the file is refused: without a time of arrival nothing says which content holds",
    ),
    Rule("negative price", "unit_price < 0", Treatment.LINE_REFUSED, "refused: no sale", money="returns"),
    Rule(
        MISSING_CUSTOMER,
        "customer_id IS NULL",
        Treatment.QUARANTINED,
        "quarantined: nobody's line; the file is refused above a set share of the revenue",
    ),
    Rule(
        "negative quantity without a cancellation",
        "quantity < 0 AND NOT is_cancelled",
        Treatment.QUARANTINED,
        "quarantined: an adjustment of stock, not of a sale",
        money="returns",
    ),
    Rule("quantity 0", "quantity = 0", Treatment.LEFT_OUT, "left out: no purchase"),
    Rule("price 0", "unit_price = 0 AND quantity <> 0", Treatment.LEFT_OUT, "left out: no purchase"),
    Rule("code that is not for goods", "is_no_good", Treatment.LEFT_OUT, "left out: postage, fees and the like"),
    Rule(
        "line id repeated", "is_repeated AND line_id IS NOT NULL", Treatment.LEFT_OUT, "left out: the same line again"
    ),
    Rule(
        "exact duplicate, dropped",
        "is_repeated AND line_id IS NULL AND drops_duplicates",
        Treatment.LEFT_OUT,
        "left out, as the layout says",
    ),
    Rule(
        "exact duplicate",
        "is_repeated AND line_id IS NULL AND NOT drops_duplicates",
        Treatment.KEPT,
        "kept: without a line id it may be the same line twice or two equal ones",
    ),
    Rule(
        "cancellation",
        "is_cancelled",
        Treatment.KEPT,
        "netted, by the date on which it became known",
        money="returns",
    ),
    Rule(
        "cancellation without its purchase",
        "is_unmatched",
        Treatment.KEPT,
        "netted; no purchase of the same customer, product and quantity came before it",
        money="returns",
    ),
    Rule(
        "order wholly cancelled",
        "is_of_cancelled_order",
        Treatment.KEPT,
        "netted, and no purchase: the order does not count",
        counted="orders",
    ),
    Rule(
        "one order with two times",
        "has_two_times",
        Treatment.KEPT,
        "kept with the earliest time",
        counted="orders",
    ),
    Rule("customer in two countries", "has_two_countries", Treatment.KEPT, "kept", counted="customers"),
    Rule(
        "customer with cancellations only",
        "never_bought",
        Treatment.KEPT,
        "kept as lines; the customer has a status of its own and no segment",
        counted="customers",
        money="returns",
    ),
    Rule("sold by measure", "is_by_measure", Treatment.KEPT, "kept; counts as one item, whatever the weight or volume"),
    Rule("corrected later", "is_corrected", Treatment.KEPT, "kept until the correction arrived"),
)
"""All that is looked for. Of those that take a line out, the first that fits is its treatment; all that fit are counted."""
