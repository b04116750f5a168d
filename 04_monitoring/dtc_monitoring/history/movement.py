"""How respondents who come back go from persona to persona."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data import Catalogue
from dtc_model.rule import FloatArray


@dataclass(frozen=True, eq=False)
class Transitions:
    """Steps of respondents from one wave to the next in which they have a persona; rows from, columns to."""

    names: tuple[str, ...]
    """Names of the personas, in the catalogue's order."""
    counts: npt.NDArray[np.int64]
    """Number of steps, ``(n_segments, n_segments)``."""
    by_people: npt.NDArray[np.int64]
    """Of ``counts`` the steps between two labels of the same version; in the others the model may be the reason."""

    @classmethod
    def of(cls, steps: pd.DataFrame, catalogue: Catalogue) -> Self:
        """Arrange what `dtc_data.tables.unit_table.UnitTable.transitions` counted."""
        pairs = zip(steps["from_segment"], steps["to_segment"], steps["steps"], strict=True)
        counts = count_matrix([(int(old), int(new), int(n)) for old, new, n in pairs], catalogue.segment_ids)
        same = zip(steps["from_segment"], steps["to_segment"], steps["same_version"], strict=True)
        by_people = count_matrix([(int(old), int(new), int(n)) for old, new, n in same], catalogue.segment_ids)
        return cls(catalogue.segment_names, counts, by_people)

    @property
    def steps(self) -> int:
        """Number of steps in all."""
        return int(self.counts.sum())

    @property
    def same_version(self) -> int:
        """Steps between two labels of the same version."""
        return int(self.by_people.sum())

    @property
    def stayed(self) -> int:
        """Steps that ended in the persona in which they began."""
        return int(np.trace(self.counts))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON, counts and row shares by name of persona; null for no share."""
        shares = row_shares(self.counts).tolist()
        return {
            "steps": self.steps,
            "stayed": self.stayed,
            "same_version": self.same_version,
            "counts": self._by_name(self.counts.tolist()),
            "row_shares": self._by_name([[None if math.isnan(share) else share for share in row] for row in shares]),
        }

    def _by_name(self, rows: Sequence[Sequence[Any]]) -> dict[str, dict[str, Any]]:
        return {name: dict(zip(self.names, row, strict=True)) for name, row in zip(self.names, rows, strict=True)}


def count_matrix(steps: Sequence[tuple[int, int, int]], segment_ids: Sequence[int]) -> npt.NDArray[np.int64]:
    """Put steps (from id, to id, how many) into a matrix, ``(n_segments, n_segments)``, in the order of the ids.

    Raises
    ------
    KeyError
        If a persona is not among the ids.
    """
    position = {id_: index for index, id_ in enumerate(segment_ids)}
    counts = np.zeros((len(segment_ids), len(segment_ids)), dtype=np.int64)
    for old, new, number in steps:
        counts[position[old], position[new]] += number
    return counts


def row_shares(counts: npt.NDArray[np.int64]) -> FloatArray:
    """Divide each row by its sum, ``(n_segments, n_segments)``; a row without steps becomes NaN."""
    sums = counts.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(counts, sums, out=np.full(counts.shape, np.nan), where=sums > 0)
    return shares
