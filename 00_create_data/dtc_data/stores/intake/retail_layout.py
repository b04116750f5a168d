"""``retail.yaml``: which files a retailer has, what their columns are called, and what is done about lines that break a check."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dtc_data.core import RetailDataError, read_yaml_mapping
from dtc_data.files import CSV, PARQUET, SUFFIXES

Text = Annotated[str, Field(min_length=1)]

OTHER: Final = "other"
"""Category of products without one, and of those whose category has no feature of its own."""


class Treatment(StrEnum):
    """What is done about a row that breaks a check."""

    REFUSE = "refuse"
    """Nothing is read."""
    LEAVE_OUT = "leave_out"
    """The row is left out."""
    BLANK = "blank"
    """The value counts as missing."""
    KEEP = "keep"
    """It is only reported."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableFile(_Part):
    """The file of one table."""

    path: Path
    """CSV, Excel, SPSS or Parquet; relative to ``retail.yaml``; with * it stands for several files."""
    columns: dict[Text, Text] = {}
    """Name in the file by name of ours, where they differ."""
    separator: Text | None = None
    """Of CSV; it, decimal and encoding are found out where they are not given."""
    decimal: Text | None = None
    encoding: Text | None = None
    date_format: Text | None = None
    """As in ``strftime``, such as %d.%m.%Y; ISO 8601 by default. Only for text."""
    line: tuple[Text, ...] = ()
    """Columns of the file that tell one line from another, where there is no line_id."""

    @property
    def is_csv(self) -> bool:
        """Whether the file is text."""
        return self.path.suffix.lower() in CSV

    @property
    def is_parquet(self) -> bool:
        """Whether the file has types of its own."""
        return self.path.suffix.lower() in PARQUET


class TableFiles(_Part):
    """The files of all tables; a retailer may not know the stock."""

    stores: TableFile
    products: TableFile
    sales: TableFile
    inventory: TableFile | None = None


class RetailLayout(_Part):
    """A ``retail.yaml``."""

    name: Text
    currency: Text = "EUR"
    until: date | None = None
    """Last day that the files tell of; rows dated later are faults. The day of reading by default."""
    files: TableFiles
    categories: tuple[Text, ...] | None = None
    """Categories that have a feature each; the others count as `OTHER`. All of them by default."""
    treatments: dict[Text, Treatment] = {}
    """Treatment by check, where it is not the usual one."""
    refuse_above: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Share of a table's rows that one check may leave out; with more, nothing is read."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, file in self.named_files().items():
            if file.path.suffix.lower() not in SUFFIXES:
                raise ValueError(f"files, {name}: {file.path} is none of {', '.join(SUFFIXES)}")
        if self.categories is not None and len(set(self.categories)) < len(self.categories):
            raise ValueError("categories: one of them is given twice")
        return self

    def named_files(self) -> dict[str, TableFile]:
        """Return the files that there are, by table."""
        files = {name: getattr(self.files, name) for name in TableFiles.model_fields}
        return {name: file for name, file in files.items() if file is not None}


def load_retail_layout(path: str | Path) -> RetailLayout:
    """Read a ``retail.yaml``; the paths in it start at its folder.

    Raises
    ------
    RetailDataError
        If the file cannot be read or an entry is wrong; the message names each of them.
    """
    document = read_yaml_mapping(path, what="retail layout", keys="name and files", error_type=RetailDataError)
    try:
        layout = RetailLayout.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(_describe(problem) for problem in error.errors())
        raise RetailDataError(f"{path}: {problems}. docs/stores.md explains every key") from error
    folder = Path(path).parent
    placed = {name: file.model_copy(update={"path": folder / file.path}) for name, file in layout.named_files().items()}
    return layout.model_copy(update={"files": layout.files.model_copy(update=placed)})


def _describe(problem: Any) -> str:
    where = ", ".join(str(step) for step in problem["loc"])
    said = {"missing": "is missing", "extra_forbidden": "unknown key"}.get(problem["type"], problem["msg"])
    return f"{where}: {said}" if where else said.removeprefix("Value error, ")
