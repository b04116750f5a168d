"""What every kind of file looks like to its readers: named columns, and blocks of rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from dtc_data.catalogue import FloatArray

if TYPE_CHECKING:
    import pandas as pd

ROWS_PER_BLOCK: Final = 50_000
"""Rows held at a time, so that a file may be larger than memory."""

EITHER: Final = "either"
"""Decimals of a file that holds numbers as such beside texts, in which a comma may stand for a point."""

Cells = Sequence[str] | FloatArray
"""One column of a block: texts, or the numbers of a file that has numbers; an empty text and NaN are empty cells."""


class TableBlock(Protocol):
    """Some rows of a file, in its order."""

    @property
    def places(self) -> Sequence[int]:
        """Where each row stands, as a person finds it: its line in a text, its row in a sheet."""

    @property
    def misfits(self) -> Mapping[int, str]:
        """Places of rows that do not fit the header, with what is wrong; these rows are not in the block."""

    def cells(self, column: int) -> Cells:
        """Return the cells of a column, by its position."""

    def texts(self, column: int) -> Sequence[str]:
        """Return the cells of a column as texts, whole numbers with all their digits."""

    def values(self, column: int) -> "pd.Series":
        """Return the cells of a column as the file has them: a series of texts, of numbers or moments, or of whatever a sheet mixes."""


class TableFile(Protocol):
    """A file of rows under a header."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def place(self) -> str:
        """What rows are called: ``line`` or ``row``."""

    @property
    def names(self) -> Sequence[str]:
        """Names of the columns, in one spelling; empty for a column that has none."""

    @property
    def descriptions(self) -> Sequence[str]:
        """A further name of each column, by which the catalogue may know it; empty where there is none."""

    @property
    def value_labels(self) -> Sequence[Mapping[float, str]]:
        """Of each column the words that the file itself has for codes; empty where it has none."""

    @property
    def decimal(self) -> str | None:
        """What stands before the decimals of numbers written as text, if that is known."""

    @property
    def form(self) -> str:
        """How it was read, in a few words for people."""

    def blocks(self, *, to_write: bool = False) -> Iterator[Any]:
        """Read the rows, a `TableBlock` at a time; those that are to be written again keep all of the file."""


@dataclass(frozen=True)
class NewColumn:
    """A column that is added to a file."""

    name: str
    kind: Literal["id", "number", "text"]
    title: str = ""
    """What it is, for files whose columns have a description."""
    value_labels: Mapping[Any, str] = field(default_factory=dict)
    """Names of the ids in it, for files that have such."""


class TableWriter(Protocol):
    """Writes a file again with columns added, block by block."""

    def write(self, block: Any, columns: Sequence[Sequence[Any]]) -> None:
        """Write a block of the file that was read, with the values of the new columns, None for an empty cell."""

    def close(self) -> None:
        """End the file."""
