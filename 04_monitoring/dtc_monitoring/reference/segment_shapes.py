"""How the answers of each persona are distributed in the reference wave, and who belongs to which persona.

A latent-class model (Lazarsfeld & Henry, Latent Structure Analysis, 1968): within a persona the features are taken as
independent, each normal or, with few distinct values, with a probability per value. It starts from the labels that the
catalogue gives and is refined by rounds of EM (Dempster, Laird & Rubin, JRSS B 1977). The drift check needs it only to
tell how far personas overlap, so that it need not be the whole truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import FeatureEncoding

from dtc_monitoring.reference.answer_blocks import (
    PRIOR_MEAN,
    Block,
    CategoryBlock,
    Estimate,
    GradeBlock,
    NumberBlock,
    estimate_densities,
    probable_segments,
)

FloatArray = npt.NDArray[np.float64]

ROUNDS: Final = 15
"""Rounds of EM."""
FEWEST: Final = 20
"""Respondents of the reference wave with which a persona's shape is learned. With fewer it stays at the catalogue's centroid:
else EM would move a persona that nobody has into the tail of another, and a drift into that tail would pass for a mix."""


class Score(NamedTuple):
    """What one score is about."""

    feature: int
    level: float | None
    """Code of the value whose share is compared; None if the answer itself is."""


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
        starts = np.cumsum([0, *[block.n_columns for block in blocks]])
        widths = np.cumsum([0, *(feature.width for feature in known)])
        return cls(tuple(blocks), tuple(starts.tolist()), tuple(widths.tolist()))

    @property
    def scores(self) -> tuple[Score, ...]:
        """What is compared: each answer, and for a category the share of each value."""
        return tuple(Score(feature, level) for feature, block in enumerate(self.blocks) for level in block.score_levels)

    def expand(self, answers: FloatArray) -> FloatArray:
        """Return the columns ``(n_units, n_columns)``; all of a missing answer are 0."""
        columns = np.empty((self.starts[-1], len(answers)))
        for block, values, start, end in zip(self.blocks, answers.T, self.starts[:-1], self.starts[1:], strict=True):
            columns[start:end] = block.expand(values)
        return columns.T

    def scored(self, answers: FloatArray) -> FloatArray:
        """Return the scores ``(n_units, n_scores)``, NaN where an answer is missing."""
        parts = [block.scores(values) for block, values in zip(self.blocks, answers.T, strict=True)]
        return np.ascontiguousarray(np.concatenate(parts).T)


@dataclass(frozen=True, eq=False)
class SegmentShapes:
    """The personas as the reference wave has them."""

    columns: AnswerColumns
    coefficients: FloatArray
    """Log density per column, ``(n_columns, n_segments)``."""
    shares: FloatArray
    """``(n_segments,)``."""
    means: FloatArray
    """Of the scores, ``(n_segments, n_scores)``."""
    spreads: FloatArray
    """Standard deviations of the scores within segments, ``(n_segments, n_scores)``."""
    estimates: tuple[Estimate, ...]
    """How each segment answers, feature by feature."""
    learned: npt.NDArray[np.bool_]
    """Which personas have enough respondents in the reference wave, ``(n_segments,)``."""

    @classmethod
    def learn(
        cls,
        columns: AnswerColumns,
        answers: FloatArray,
        weights: FloatArray,
        centroids: FloatArray,
        nearest: npt.NDArray[np.intp],
    ) -> Self:
        """Estimate the shapes from respondents of the reference wave.

        Parameters
        ----------
        columns : AnswerColumns
            Which features are numbers and which have few values.
        answers : ndarray of shape (n_units, n_features)
        weights : ndarray of shape (n_units,)
        centroids : ndarray of shape (n_segments, n_centroid_columns)
            The catalogue's.
        nearest : ndarray of shape (n_units,)
            The persona with the nearest centroid, from which EM starts.
        """
        expanded = columns.expand(answers)
        memberships = np.eye(len(centroids))[nearest]
        learned = memberships.sum(axis=0) >= FEWEST
        by_label = weights @ memberships
        usual = np.split(centroids, columns.centroid_starts[1:-1], axis=1)
        for _ in range(ROUNDS + 1):
            weighted = memberships * weights[:, None]
            counts = np.where(learned, weighted.sum(axis=0), by_label) + PRIOR_MEAN
            shares = counts / counts.sum()
            sums = np.split(expanded.T @ (weighted * learned), columns.starts[1:-1])
            densities = estimate_densities(columns.blocks, sums, usual)
            memberships = probable_segments(expanded, densities.coefficients, shares)
        return cls(columns, shares=shares, learned=learned, **densities._asdict())

    def log_density(self, expanded: FloatArray) -> FloatArray:
        """Return the log density of all personas together for answers that `AnswerColumns.expand` has expanded, ``(n_units,)``."""
        logs: FloatArray = np.logaddexp.reduce(expanded @ self.coefficients + np.log(self.shares), axis=1)
        return logs

    def memberships(self, answers: FloatArray) -> FloatArray:
        """Return how probably each respondent belongs to each persona, ``(n_units, n_segments)``."""
        return probable_segments(self.columns.expand(answers), self.coefficients, self.shares)
