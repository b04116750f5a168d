"""Answers to all features as columns in which the log density of a segment is linear, and as scores to be compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import FeatureEncoding

from dtc_monitoring.reference.answer_blocks import Block, CategoryBlock, Estimate, GradeBlock, NumberBlock

FloatArray = npt.NDArray[np.float64]


class Score(NamedTuple):
    """What one score is about."""

    feature: int
    level: float | None
    """Code of the value whose share is compared; None if the answer itself is."""


class Densities(NamedTuple):
    """Each segment's distribution of the answers."""

    coefficients: FloatArray
    """Log density per column, ``(n_columns, n_segments)``."""
    means: FloatArray
    """Of the scores, ``(n_segments, n_scores)``."""
    spreads: FloatArray
    """Their standard deviations, ``(n_segments, n_scores)``."""
    estimates: tuple[Estimate, ...]
    """The same, feature by feature."""


@dataclass(frozen=True, eq=False)
class AnswerColumns:
    """One block of columns per feature, by its type and by what both waves together look like."""

    blocks: tuple[Block, ...]
    starts: tuple[int, ...]
    """First column of each feature, and the number of columns."""
    centroid_starts: tuple[int, ...]
    """The same for the columns of the catalogue's centroids."""

    @classmethod
    def of(
        cls, waves: Sequence[FloatArray], is_number: Sequence[bool], features: Sequence[FeatureEncoding] | None = None
    ) -> Self:
        """Look at the answers of both waves, each ``(n_units, n_features)``, whichever wave they are from.

        Without ``features`` all are plain numbers; those that are not ``is_number`` have few values.
        """
        known = features or [FeatureEncoding(name=str(position)) for position in range(len(is_number))]
        blocks: list[Block] = []
        for position, (feature, number) in enumerate(zip(known, is_number, strict=True)):
            given = [wave[~np.isnan(wave[:, position]), position] for wave in waves]
            if feature.type == "category":
                blocks.append(CategoryBlock.of(given))
            else:
                blocks.append(NumberBlock.of(feature, given) if number else GradeBlock.of(given))
        starts = np.cumsum([0, *(block.n_columns for block in blocks)])
        widths = np.cumsum([0, *(feature.width for feature in known)])
        return cls(tuple(blocks), tuple(starts.tolist()), tuple(widths.tolist()))

    @property
    def scores(self) -> tuple[Score, ...]:
        """What is compared: each answer, and for a category the share of each value."""
        return tuple(Score(feature, level) for feature, block in enumerate(self.blocks) for level in block.score_levels)

    def expand(self, answers: FloatArray) -> FloatArray:
        """Return the columns ``(n_units, n_columns)``; all of a missing answer are 0."""
        columns = np.empty((self.starts[-1], len(answers)))
        for block, values, rows in zip(self.blocks, answers.T, self._rows(), strict=True):
            columns[rows] = block.expand(values)
        return columns.T

    def scored(self, answers: FloatArray) -> FloatArray:
        """Return the scores ``(n_units, n_scores)``, NaN where an answer is missing."""
        parts = [block.scores(values) for block, values in zip(self.blocks, answers.T, strict=True)]
        return np.ascontiguousarray(np.concatenate(parts).T)

    def densities(self, sums: FloatArray, centroids: FloatArray) -> Densities:
        """Estimate each segment's distribution from the sums of the columns over its units.

        Parameters
        ----------
        sums : ndarray of shape (n_columns, n_segments)
        centroids : ndarray of shape (n_segments, n_centroid_columns)
            The catalogue's, to which a segment with few units is drawn.
        """
        bounds = zip(self.blocks, self._rows(), self.centroid_starts[:-1], self.centroid_starts[1:], strict=True)
        estimates = tuple(block.estimate(sums[rows], centroids[:, first:end]) for block, rows, first, end in bounds)
        coefficients, means, spreads = (np.concatenate(parts) for parts in zip(*estimates, strict=True))
        return Densities(coefficients, np.ascontiguousarray(means.T), np.ascontiguousarray(spreads.T), estimates)

    def _rows(self) -> Iterator[slice]:
        return map(slice, self.starts[:-1], self.starts[1:])
