"""What a retailer's transaction file looks like: which column is what, and what its values mean."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dtc_data.core import LayoutError, read_yaml_mapping

LAYOUT_FILE: Final = "transactions.yaml"
"""What a layout is called beside the files that it describes."""

ISO_8601: Final = "ISO8601"
"""Name of the format of times like 2011-06-30, 2011-06-30 14:05 or 2011-06-30T14:05:00+01:00."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone: write one like Europe/London") from error
    return name


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(strict=True, pattern=r"\S")]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
"""One text or several."""
Zone = Annotated[Text, AfterValidator(_known_zone)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """Base of everything in a layout: it cannot change, and it has no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LineColumns(Part):
    """The file's own names of its columns; None for what it does not have."""

    order_id: Text
    product_id: Text
    quantity: Text
    ordered_at: Text
    customer_id: Text
    unit_price: Text | None = None
    amount: Text | None = None
    """What was paid for the line, net of discounts; quantity times unit price where there is no such column."""
    discount: Texts = ()
    """Money off, above 0; several columns are summed."""
    arrived_at: Text | None = None
    """When the retailer's systems learnt of the line."""
    description: Text | None = None
    department: Text | None = None
    country: Text | None = None
    currency: Text | None = None
    line_id: Text | None = None
    """What tells lines apart. A later arrival with the same id corrects the line."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.unit_price is None and self.amount is None:
            raise ValueError("name the column of unit_price or of amount")
        return self


class Cancellations(Part):
    """How a cancelled or returned line looks; any of these makes it one. A file without any has none."""

    order_prefix: Text | None = None
    """How the order's number begins."""
    column: Text | None = None
    values: Texts = ()
    """What stands in ``column``."""
    negative_quantity: Annotated[bool, Field(strict=True)] = False
    """Whether every quantity below 0 is a return; by default one without another sign is a stock adjustment."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.column is None) != (not self.values):
            raise ValueError("column and values belong together")
        return self


class ProductFile(Part):
    """A second file, beside the transactions, that describes the products; Parquet or CSV."""

    file: Text
    product_id: Text
    description: Text | None = None
    department: Text | None = None


class Layout(Part):
    """A retailer's transaction file."""

    name: Text
    columns: LineColumns
    time_zone: Zone | None = None
    """Of the shop. A file whose times carry no zone is refused without it."""
    times_in: Zone | None = None
    """Zone in which the file writes its times, if it is not the shop's."""
    currency: Text | None = None
    cancellations: Cancellations = Cancellations()
    not_goods: Texts = ()
    """Product codes that are not goods, such as postage; upper and lower case are the same."""
    sold_by_measure: Texts = ()
    """Product codes or descriptions whose quantity is a weight or a volume: each such line counts as one item."""
    products: ProductFile | None = None
    date_formats: Texts = (ISO_8601,)
    """``ISO8601`` or as Python's ``strptime`` takes them; the first that fits a cell."""
    decimal: Literal[".", ","] | None = None
    """In numbers that are written as text; it, delimiter and encoding are found out where they are not given."""
    delimiter: Annotated[str, Field(strict=True, min_length=1, max_length=1)] | None = None
    encoding: Text | None = None
    sheet: Text | None = None
    """Of an Excel file; by default the one that has the columns."""
    file_date: date | None = None
    """Day on which the file was made, in the shop's time zone; by default when it was last changed."""
    duplicates: Literal["keep", "drop"] = "keep"
    """What happens to lines that repeat another in everything, where no ``line_id`` tells whether they are the same."""
    most_revenue_without_customer: Share = 0.25
    """Share of the revenue above which a file is refused because its customers are missing."""
    note: str = ""
    """What a reader of the quality report should know, such as an assumption."""

    @property
    def used_columns(self) -> tuple[str, ...]:
        """Columns of the file that are read."""
        named = self.columns.model_dump(exclude={"discount"}, exclude_none=True).values()
        also = (self.cancellations.column,) if self.cancellations.column else ()
        return tuple(dict.fromkeys((*named, *self.columns.discount, *also)))


def load_layout(path: str | Path) -> Layout:
    """Read a layout and check all of it.

    Parameters
    ----------
    path : str or Path
        A YAML file, ``transactions.yaml`` by custom.

    Raises
    ------
    LayoutError
        If the file cannot be read or any entry is wrong; the message names the file and each entry.
    """
    document = read_yaml_mapping(
        path, what="layout", keys="name, time_zone, currency and columns", error_type=LayoutError
    )
    try:
        return Layout.model_validate(document)
    except ValidationError as error:
        raise LayoutError(f"{path}: {'; '.join(map(_describe, error.errors()))}") from error


def _describe(problem: Any) -> str:
    where = ", ".join(str(step) for step in problem["loc"])
    if problem["type"] == "missing":
        return f"{where}: is missing"
    if problem["type"] == "extra_forbidden":
        return f"{where}: unknown key"
    said = problem["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said
