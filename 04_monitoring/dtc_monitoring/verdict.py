"""The verdict of a drift check, as it is stored, shown and passed between steps."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

Status = Literal["stable", "drift"]


@dataclass(frozen=True)
class ColumnDrift:
    """How one column of the current wave differs from the reference wave."""

    name: str
    test: str
    """``ks``, ``z`` or ``chi_square``, see `dtc_monitoring.column_tests`."""
    statistic: float
    p_value: float
    drifted: bool


@dataclass(frozen=True)
class DriftVerdict:
    """Whether the current wave drifted from the reference wave, with the evidence per column."""

    status: Status
    drifted_share: float
    """Share of columns that drifted, from 0 to 1."""
    threshold: float
    """Share of columns from which on the wave counts as drifted."""
    columns: tuple[ColumnDrift, ...]
    n_reference: int
    """Respondents in the reference wave."""
    n_current: int
    """Respondents in the current wave."""
    p_value_limit: float
    """A column with a p-value below this counts as drifted."""

    @property
    def drifted_columns(self) -> tuple[str, ...]:
        """Names of the columns that drifted, in the catalogue's order."""
        return tuple(column.name for column in self.columns if column.drifted)

    def to_dict(self) -> dict[str, Any]:
        """Give the verdict as plain JSON types."""
        return asdict(self) | {"columns": [asdict(column) for column in self.columns]}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Read a verdict back from what `to_dict` gave; other entries of the document are left alone."""
        own = {field.name: document[field.name] for field in fields(cls)}
        return cls(**own | {"columns": tuple(ColumnDrift(**column) for column in document["columns"])})
