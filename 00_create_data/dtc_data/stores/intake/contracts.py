"""What must hold of a retailer's tables before anything is computed from them, as pandera schemas.

A requirement names a check, says it in words and states what is done about a row that breaks it. `CONTRACTS` holds all of
them; :mod:`dtc_data.stores.intake.reading` runs them and :mod:`dtc_data.stores.intake.quality_report` shows what failed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

import pandas as pd

from dtc_data.stores.intake.retail_layout import Treatment

if TYPE_CHECKING:
    import pandera.pandas as pa

SMALLEST_SIZE: Final = 5.0
LARGEST_SIZE: Final = 200_000.0
"""Square metres of sales floor beyond which a size is taken for a mistake."""
EARLIEST: Final = pd.Timestamp("1990-01-01")
"""Day before which no sale or count of stock is dated."""

ROW: Final = "row"
"""Column with the position of a row in its file, counted from 1."""


@dataclass(frozen=True)
class Known:
    """What is known when a table is checked: the day until which the files tell, and the tables read before."""

    until: date
    stores: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"store_id": [], "opened": [], "closed": []}))
    products: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"product_id": []}))
    repetitions: frozenset[int] = frozenset()
    """Rows whose key an earlier row has already."""


Test = Callable[[pd.DataFrame, Known], pd.Series]


@dataclass(frozen=True)
class Requirement:
    """Something that every row of a table must fulfil."""

    check: str
    column: str
    sentence: str
    treatment: Treatment
    test: Test
    """Returns which rows fulfil it."""


def _given(column: str) -> Test:
    return lambda rows, _: rows[column].notna()


def _readable(column: str) -> Test:
    return lambda rows, _: ~rows[f"{column}_unreadable"]


def _within(column: str, low: float, high: float) -> Test:
    return lambda rows, _: (rows[column].between(low, high) | rows[column].isna()) & ~rows[f"{column}_unreadable"]


def _no_repetition(rows: pd.DataFrame, known: Known) -> pd.Series:
    return ~rows[ROW].isin(known.repetitions)


def _known_store(rows: pd.DataFrame, known: Known) -> pd.Series:
    return rows["store_id"].isin(known.stores["store_id"])


def _known_product(rows: pd.DataFrame, known: Known) -> pd.Series:
    return rows["product_id"].isin(known.products["product_id"])


def _dated_within(rows: pd.DataFrame, known: Known) -> pd.Series:
    return rows["date"].isna() | rows["date"].between(EARLIEST, pd.Timestamp(known.until))


def _store_open(rows: pd.DataFrame, known: Known) -> pd.Series:
    """Tell which rows are dated to a day on which their store was open; others judge rows without a date or a store."""
    places = pd.Index(known.stores["store_id"]).get_indexer(rows["store_id"])
    opened, closed = (known.stores[name].to_numpy("datetime64[ns]") for name in ("opened", "closed"))
    if not len(opened):
        return pd.Series(data=True, index=rows.index)
    day = rows["date"].to_numpy("datetime64[ns]")
    is_wrong = (day < opened[places]) | (day > closed[places])  # false where either is missing
    return pd.Series((places < 0) | ~is_wrong | ~_dated_within(rows, known).to_numpy(), index=rows.index)


def _closed_after_opened(rows: pd.DataFrame, _: Known) -> pd.Series:
    return ~(rows["closed"] < rows["opened"])


def _sign_of_revenue(rows: pd.DataFrame, _: Known) -> pd.Series:
    return ~(((rows["quantity"] > 0) & (rows["revenue"] < 0)) | ((rows["quantity"] < 0) & (rows["revenue"] > 0)))


_REFUSE, _LEAVE, _BLANK, _KEEP = Treatment.REFUSE, Treatment.LEAVE_OUT, Treatment.BLANK, Treatment.KEEP
_DATED: Final = "the date lies between 1990 and the day until which the files tell"

CONTRACTS: Final = {
    "stores": (
        Requirement("store_id_is_given", "store_id", "every store has an id", _REFUSE, _given("store_id")),
        Requirement("store_is_one_row", "store_id", "a store has one row", _REFUSE, _no_repetition),
        Requirement("opened_is_readable", "opened", "the day of opening is a date", _REFUSE, _readable("opened")),
        Requirement("closed_is_readable", "closed", "the day of closing is a date", _REFUSE, _readable("closed")),
        Requirement("closed_after_opened", "closed", "no store closes before it opens", _REFUSE, _closed_after_opened),
        Requirement(
            "size_m2_is_plausible",
            "size_m2",
            f"a size is between {SMALLEST_SIZE:g} and {LARGEST_SIZE:,.0f} m²",
            _BLANK,
            _within("size_m2", SMALLEST_SIZE, LARGEST_SIZE),
        ),
        Requirement(
            "storage_m2_is_plausible",
            "storage_m2",
            f"a storage is between 0 and {LARGEST_SIZE:,.0f} m²",
            _BLANK,
            _within("storage_m2", 0, LARGEST_SIZE),
        ),
    ),
    "products": (
        Requirement("product_id_is_given", "product_id", "every product has an id", _REFUSE, _given("product_id")),
        Requirement("product_is_one_row", "product_id", "a product has one row", _REFUSE, _no_repetition),
        Requirement(
            "category_is_given",
            "category",
            "every product has a category; without one it counts as other",
            _KEEP,
            _given("category"),
        ),
    ),
    "sales": (
        Requirement("line_id_is_given", "line_id", "every line has an id", _LEAVE, _given("line_id")),
        Requirement("line_is_one_row", "line_id", "a line has one row; the first one counts", _LEAVE, _no_repetition),
        Requirement("store_is_known", "store_id", "the store is in the table of stores", _LEAVE, _known_store),
        Requirement(
            "product_is_known", "product_id", "the product is in the table of products", _LEAVE, _known_product
        ),
        Requirement("date_is_given", "date", "every line has a date that can be read", _LEAVE, _given("date")),
        Requirement("date_is_in_the_file", "date", _DATED, _LEAVE, _dated_within),
        Requirement("store_is_open", "date", "the store was open on that day", _LEAVE, _store_open),
        Requirement(
            "quantity_is_given", "quantity", "every line has a quantity that can be read", _LEAVE, _given("quantity")
        ),
        Requirement(
            "quantity_is_not_zero", "quantity", "no quantity is 0", _LEAVE, lambda rows, _: rows["quantity"] != 0
        ),
        Requirement(
            "revenue_is_given", "revenue", "every line has a revenue that can be read", _LEAVE, _given("revenue")
        ),
        Requirement(
            "revenue_has_the_sign",
            "revenue",
            "revenue has the sign of the quantity: a return is negative in both",
            _LEAVE,
            _sign_of_revenue,
        ),
        Requirement(
            "discount_is_not_negative",
            "discount",
            "a discount is a number of at least 0",
            _LEAVE,
            _within("discount", 0, float("inf")),
        ),
    ),
    "inventory": (
        Requirement(
            "count_is_one_row",
            "product_id",
            "a product is counted once a day in a store; the first one counts",
            _LEAVE,
            _no_repetition,
        ),
        Requirement("store_is_known", "store_id", "the store is in the table of stores", _LEAVE, _known_store),
        Requirement(
            "product_is_known", "product_id", "the product is in the table of products", _LEAVE, _known_product
        ),
        Requirement("date_is_given", "date", "every count has a date that can be read", _LEAVE, _given("date")),
        Requirement("date_is_in_the_file", "date", _DATED, _LEAVE, _dated_within),
        Requirement(
            "on_hand_is_given", "on_hand", "every count has a number that can be read", _LEAVE, _given("on_hand")
        ),
        Requirement(
            "on_hand_is_not_negative", "on_hand", "no count is below 0", _LEAVE, lambda rows, _: ~(rows["on_hand"] < 0)
        ),
    ),
}  # fmt: skip - a table


def contract_schema(table: str, known: Known) -> "pa.DataFrameSchema":
    """Return the pandera schema of a table, whose checks have the names of the requirements."""
    import pandera.pandas as pa  # noqa: PLC0415 - 0.7 s, for whoever only reads features

    def check(requirement: Requirement) -> pa.Check:
        return pa.Check(
            lambda rows: requirement.test(rows, known),
            name=requirement.check,
            error=requirement.check,
            ignore_na=False,
            n_failure_cases=1,  # pandera's own list of them is slow, and `_rows_of` has them all
        )

    return pa.DataFrameSchema(checks=[check(requirement) for requirement in CONTRACTS[table]])


def broken(rows: pd.DataFrame, schema: "pa.DataFrameSchema") -> dict[str, pd.Index]:
    """Return the index of the rows that break each check, for the checks that are broken."""
    import pandera.pandas as pa  # noqa: PLC0415 - as above

    try:
        schema.validate(rows, lazy=True)
    except pa.errors.SchemaErrors as errors:
        return {error.check.name: _rows_of(error, rows) for error in errors.schema_errors}
    return {}


def _rows_of(error: "pa.errors.SchemaError", rows: pd.DataFrame) -> pd.Index:
    outcome = error.check_output
    if not isinstance(outcome, pd.Series):  # the check itself could not be run
        raise error
    return rows.index[~outcome.reindex(rows.index, fill_value=True).astype(bool)]
