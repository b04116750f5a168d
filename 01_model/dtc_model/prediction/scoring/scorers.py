"""Scores from features, in NumPy: what a trained model does once it is trained, without the library that trained it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from dtc_model.prediction.scoring.forecast_document import LinearEntry, TreesEntry
from dtc_model.rule import BoolArray, FloatArray

IntArray = npt.NDArray[np.intp]

BLOCK: Final = 1_000_000
"""Rows times trees that are followed at once: some 40 MB."""

SMALLEST_SHARE: Final = 1e-15
"""Stands for a share of 0, whose logarithm is none."""


class Scorer(Protocol):
    """Gives each row its scores, in log-odds."""

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return ``(n_rows, n_scores)``; rows ``(n_rows, n_features)`` hold NaN where a feature is missing."""
        ...

    def contributions(self, rows: FloatArray) -> FloatArray:
        """Return what each feature adds to the first score beside a typical row, ``(n_rows, n_features)``."""
        ...

    def to_entry(self) -> LinearEntry | TreesEntry:
        """Return the scorer as a part of a document."""
        ...


def signed_log(values: FloatArray) -> FloatArray:
    """Return sign(x) log(1 + abs(x)): money and counts lose their long tails, shares hardly change."""
    logs: FloatArray = np.sign(values) * np.log1p(np.abs(values))
    return logs


@dataclass(frozen=True, eq=False)
class LinearScorer:
    """Weighted sum of logarithms of features, standardised; a missing feature counts as the mean."""

    columns: IntArray
    """Positions of the features, ``(n_columns,)``."""
    centres: FloatArray
    spreads: FloatArray
    weights: FloatArray
    """``(n_scores, n_columns)``."""
    intercepts: FloatArray

    @classmethod
    def from_entry(cls, entry: LinearEntry) -> Self:
        """Return the scorer that a part of a document describes."""
        values = (np.array(part) for part in (entry.centres, entry.spreads, entry.weights, entry.intercepts))
        return cls(np.array(entry.columns, dtype=np.intp), *values)

    def standardise(self, rows: FloatArray) -> FloatArray:
        """Return what the weights apply to, ``(n_rows, n_columns)``."""
        values = (signed_log(rows[:, self.columns]) - self.centres) / self.spreads
        return np.nan_to_num(values, copy=False, nan=0.0)

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return ``(n_rows, n_scores)``."""
        scores: FloatArray = self.standardise(rows) @ self.weights.T + self.intercepts
        return scores

    def contributions(self, rows: FloatArray) -> FloatArray:
        """Return what each feature adds beside a mean row, ``(n_rows, n_features)``."""
        found = np.zeros_like(rows)
        found[:, self.columns] = self.standardise(rows) * self.weights[0]
        return found

    def to_entry(self) -> LinearEntry:
        """Return the scorer as a part of a document."""
        return LinearEntry(
            columns=self.columns.tolist(),
            centres=self.centres.tolist(),
            spreads=self.spreads.tolist(),
            weights=self.weights.tolist(),
            intercepts=self.intercepts.tolist(),
        )


@dataclass(frozen=True, eq=False)
class TreeScorer:
    """Trees whose leaves are summed up (boosting) or averaged (a forest); all their nodes stand behind one another."""

    combine: str
    """``sum`` of log-odds, or ``mean`` of shares whose logarithms (log-odds with one score) are taken."""
    single_precision: bool
    base: FloatArray
    roots: IntArray
    features: IntArray
    """-1 in a leaf."""
    thresholds: FloatArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    values: FloatArray
    """``(n_nodes, n_scores)``; in an inner node the mean of the leaves below."""

    @classmethod
    def from_entry(cls, entry: TreesEntry) -> Self:
        """Return the scorer that a part of a document describes."""
        return cls(
            combine=entry.combine,
            single_precision=entry.single_precision,
            base=np.array(entry.base),
            roots=np.array(entry.roots, dtype=np.intp),
            features=np.array(entry.features, dtype=np.intp),
            thresholds=np.array(entry.thresholds),
            left=np.array(entry.left, dtype=np.intp),
            right=np.array(entry.right, dtype=np.intp),
            missing_left=np.array(entry.missing_left),
            values=np.array(entry.values),
        )

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return ``(n_rows, n_scores)``."""
        total = np.empty((len(rows), len(self.base)))
        for block in self._blocks(len(rows)):
            leaves = self._start(rows[block])
            for nodes, _, _ in self._steps(rows[block], leaves):
                leaves = nodes
            total[block] = self.values[leaves].sum(axis=1)
        if self.combine == "sum":
            summed: FloatArray = total + self.base
            return summed
        shares = np.clip(total / len(self.roots), SMALLEST_SHARE, 1 - SMALLEST_SHARE)
        found: FloatArray = np.log(shares / (1 - shares)) if len(self.base) == 1 else np.log(shares)
        return found

    def contributions(self, rows: FloatArray) -> FloatArray:
        """Return how much the splits by each feature moved a row on its way from the roots to the leaves.

        Saabas, "Interpreting random forests" (2014). In log-odds, or in shares where these are averaged.
        """
        found = np.zeros_like(rows)
        for block in self._blocks(len(rows)):
            part, before = found[block], self._start(rows[block])
            for after, asked, is_inner in self._steps(rows[block], before):
                change = self.values[after, 0] - self.values[before, 0]
                np.add.at(part, (np.nonzero(is_inner)[0], asked[is_inner]), change[is_inner])
                before = after
        return found if self.combine == "sum" else found / len(self.roots)

    def _blocks(self, n_rows: int) -> Iterator[slice]:
        size = max(BLOCK // len(self.roots), 1)
        return (slice(start, start + size) for start in range(0, n_rows, size))

    def _start(self, rows: FloatArray) -> IntArray:
        return np.broadcast_to(self.roots, (len(rows), len(self.roots)))

    def _steps(self, rows: FloatArray, nodes: IntArray) -> Iterator[tuple[IntArray, IntArray, BoolArray]]:
        """Go down one level after the other; yield the nodes, the features asked for and where any was."""
        compared = rows.astype(np.float32).astype(np.float64) if self.single_precision else rows
        numbers = np.arange(len(rows))[:, None]
        while (is_inner := (asked := self.features[nodes]) >= 0).any():
            values = compared[numbers, asked]
            goes_left = np.where(np.isnan(values), self.missing_left[nodes], values <= self.thresholds[nodes])
            nodes = np.where(is_inner, np.where(goes_left, self.left[nodes], self.right[nodes]), nodes)
            yield nodes, asked, is_inner

    def to_entry(self) -> TreesEntry:
        """Return the scorer as a part of a document."""
        lists = ("base", "roots", "features", "thresholds", "left", "right", "missing_left", "values")
        return TreesEntry.model_validate(
            {
                "combine": self.combine,
                "single_precision": self.single_precision,
                **{name: getattr(self, name).tolist() for name in lists},
            }
        )
