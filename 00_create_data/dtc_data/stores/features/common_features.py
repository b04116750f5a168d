"""The features that every store has in a quarter, as a table: names, what people read, units, formulas and what they mean.

Each formula is SQL over the columns of `TOTALS`, in the dialect that DuckDB and Spark have in common: whole numbers or
columns of doubles on both sides of a division, and never a division by zero.
"""

from dataclasses import dataclass
from typing import Final, Literal

NORMAL_DAYS: Final = 91
"""Days that amounts of a quarter refer to, whatever part of it a store was open."""
COMPARABLE_DAYS: Final = 45
"""Fewest open days with which a quarter is compared with another."""


@dataclass(frozen=True)
class StoreFeature:
    """One feature of a store in a quarter."""

    name: str
    label: str
    """What people read instead of the name."""
    type: Literal["number", "category"]
    unit: str
    formula: str
    """SQL over `TOTALS`."""
    description: str


TOTALS: Final = {
    "revenue": "what was paid in the quarter, returned lines deducted",
    "quantity": "items sold, returned ones deducted",
    "lines": "sales lines",
    "baskets": "receipts; 0 where the sales name none",
    "discount": "discounts given",
    "discounted_lines": "lines with a discount",
    "returned": "value of returned lines, above 0",
    "weekend_revenue": "revenue on Saturdays and Sundays",
    "active_days": "days with sales",
    "open_days": "days of the quarter on which the store was open and of which the sales tell",
    "week_mean, week_deviation": "mean and standard deviation of the revenue of the whole weeks in the open days",
    "rate": f"revenue per open day, missing where the store was open for less than {COMPARABLE_DAYS} days",
    "rate_before, rate_year_before": "the rate one and four quarters earlier",
    "rate_year_mean, rate_year_peak": "mean and maximum of the rate over the four quarters that end with this one, missing with fewer",
    "products_sold, top_product": "products with revenue, and the largest revenue of one",
    "revenue_…": "revenue of each category of products",
    "category_squares": "sum over the categories of their squared revenue",
    "mean_stock": "items in stock: the mean over the counts in the quarter, summed over products",
    "stock_counts, empty_counts": "counts of a product's stock in the quarter, and those that found none",
    "products_stocked": "products of which a count found some",
    "size_m2, storage_m2, placement, region, state": "as the table of stores says; missing sizes are imputed",
    "opened_day, end_day": "days since 1970 of the opening and of the first day after the quarter",
}
"""What formulas are written in."""

_MONEY: Final = "currency"
SHARE: Final = "share"

TRADE: Final = (
    StoreFeature("revenue", "Revenue", "number", _MONEY, "revenue", "Revenue of the quarter."),
    StoreFeature(
        "revenue_per_day", "Revenue per day", "number", f"{_MONEY}/day", "revenue / open_days", "Revenue per open day."
    ),
    StoreFeature(
        "revenue_per_m2",
        "Revenue per m²",
        "number",
        f"{_MONEY}/m² in {NORMAL_DAYS} days",
        f"{NORMAL_DAYS} * revenue / open_days / NULLIF(size_m2, 0)",
        "Revenue per square metre of sales floor, as if open all quarter.",
    ),
    StoreFeature(
        "baskets_per_day",
        "Receipts per day",
        "number",
        "1/day",
        "NULLIF(baskets, 0) / open_days",
        "Receipts per open day.",
    ),
    StoreFeature(
        "basket_value", "Basket value", "number", _MONEY, "revenue / NULLIF(baskets, 0)", "Revenue per receipt."
    ),
    StoreFeature(
        "items_per_basket", "Items per basket", "number", "items", "quantity / NULLIF(baskets, 0)", "Items per receipt."
    ),
    StoreFeature(
        "price_per_item", "Price per item", "number", _MONEY, "revenue / NULLIF(quantity, 0)", "Revenue per item."
    ),
    StoreFeature(
        "discount_share",
        "Share of discounts",
        "number",
        SHARE,
        "discount / NULLIF(revenue + discount, 0)",
        "Discounts as a share of what goods would have cost without.",
    ),
    StoreFeature(
        "discounted_line_share",
        "Share of discounted lines",
        "number",
        SHARE,
        "discounted_lines / NULLIF(lines, 0)",
        "Sales lines with a discount.",
    ),
    StoreFeature(
        "returned_share",
        "Share of returns",
        "number",
        SHARE,
        "returned / NULLIF(revenue + returned, 0)",
        "Value of returned goods as a share of what was sold.",
    ),
)  # fmt: skip - a table

RHYTHM: Final = (
    StoreFeature(
        "weekend_share",
        "Weekend share",
        "number",
        SHARE,
        "weekend_revenue / NULLIF(revenue, 0)",
        "Revenue on Saturdays and Sundays.",
    ),
    StoreFeature(
        "active_day_share",
        "Share of days with sales",
        "number",
        SHARE,
        "active_days / open_days",
        "Open days with sales.",
    ),
    StoreFeature(
        "weekly_variation",
        "Variation from week to week",
        "number",
        "ratio",
        "week_deviation / NULLIF(week_mean, 0)",
        "Standard deviation of weekly revenue over its mean.",
    ),
    StoreFeature(
        "season_index",
        "Season",
        "number",
        "ratio",
        "rate / NULLIF(rate_year_mean, 0)",
        "Revenue per day compared with its mean over the last four quarters.",
    ),
    StoreFeature(
        "season_peak",
        "Seasonal peak",
        "number",
        "ratio",
        "rate_year_peak / NULLIF(rate_year_mean, 0)",
        "Revenue per day in the best of the last four quarters compared with their mean.",
    ),
    StoreFeature(
        "year_revenue_per_day",
        "Revenue per day of the year",
        "number",
        f"{_MONEY}/day",
        "rate_year_mean",
        "Mean revenue per day of the last four quarters: how much the store sells, whatever the season.",
    ),
    StoreFeature(
        "growth",
        "Growth in a year",
        "number",
        "ratio - 1",
        "rate / NULLIF(rate_year_before, 0) - 1",
        "Growth of revenue per day against the same quarter of the year before.",
    ),
    StoreFeature(
        "change_on_quarter",
        "Growth on the quarter before",
        "number",
        "ratio - 1",
        "rate / NULLIF(rate_before, 0) - 1",
        "Growth of revenue per day against the quarter before.",
    ),
)  # fmt: skip - a table

ASSORTMENT: Final = (
    StoreFeature(
        "products_sold", "Products sold", "number", "products", "COALESCE(products_sold, 0)", "Different products sold."
    ),
    StoreFeature(
        "top_product_share",
        "Share of the best product",
        "number",
        SHARE,
        "top_product / NULLIF(revenue, 0)",
        "Revenue of the product that sells best.",
    ),
    StoreFeature(
        "products_stocked",
        "Products in stock",
        "number",
        "products",
        "products_stocked",
        "Different products in stock: breadth.",
    ),
    StoreFeature(
        "category_concentration",
        "Concentration on categories",
        "number",
        "0 to 1",
        "category_squares / NULLIF(revenue * revenue, 0)",
        "Sum of the squared shares of the categories: 1 if there is only one.",
    ),
)  # fmt: skip - a table

STOCK: Final = (
    StoreFeature(
        "stock_turn",
        "Stock turn",
        "number",
        f"1/{NORMAL_DAYS} days",
        f"{NORMAL_DAYS} * quantity / open_days / NULLIF(mean_stock, 0)",
        "How often the stock was sold, as if open all quarter.",
    ),
    StoreFeature(
        "stock_per_m2",
        "Stock per m²",
        "number",
        "items/m²",
        "mean_stock / NULLIF(size_m2, 0)",
        "Items in stock per square metre.",
    ),
    StoreFeature(
        "out_of_stock_days",
        "Days out of stock",
        "number",
        f"days in {NORMAL_DAYS}",
        f"{NORMAL_DAYS} * empty_counts / NULLIF(stock_counts, 0)",
        "Days on which a stocked product could not be bought, on average.",
    ),
)  # fmt: skip - a table

PLACE: Final = (
    StoreFeature(
        "size_m2",
        "Sales floor",
        "number",
        "m²",
        "size_m2",
        "Sales floor, estimated where it is not known.",
    ),
    StoreFeature(
        "storage_share",
        "Storage by sales floor",
        "number",
        "ratio",
        "storage_m2 / NULLIF(size_m2, 0)",
        "Storage compared with sales floor.",
    ),
    StoreFeature(
        "age_years",
        "Age in years",
        "number",
        "years",
        "CAST(end_day - opened_day AS DOUBLE) / 365.25",
        "Age of the store at the end of the quarter.",
    ),
    StoreFeature("placement", "Placement", "category", "", "placement", "What kind of place the store is in."),
    StoreFeature("region", "Region", "category", "", "region", "Region."),
    StoreFeature("state", "State", "category", "", "state", "State within the region."),
)  # fmt: skip - a table
