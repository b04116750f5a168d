"""The encoder: from answers to the columns between which distances are taken. There is no other way into a distance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import LARGEST_SCALED, Catalogue, FeatureEncoding

from dtc_model.errors import AnswersError, ModelBrokenError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Encoder:
    """How the answers to some features become columns, and these, by a projection if there is one, coordinates.

    A number, grade or yes/no has one column, in scaled units; a category has one for each value. ``projection``
    ``(n_columns, n_axes)`` turns columns into fewer coordinates; without it columns are the coordinates.
    """

    features: tuple[FeatureEncoding, ...]
    projection: FloatArray | None = None
    starts: tuple[int, ...] = field(init=False)
    """First column of each feature, and the number of columns."""
    scales: FloatArray = field(init=False)
    """Divisors of the columns, ``(n_columns,)``."""
    is_plain: bool = field(init=False)
    """Whether answers are divided by their scales and nothing else."""
    _shifts: FloatArray = field(init=False, repr=False)
    _affine: npt.NDArray[np.intp] = field(init=False, repr=False)
    """Features that are only shifted and divided."""
    _bent: tuple[int, ...] = field(init=False, repr=False)
    """Other numbers: turned about or transformed."""

    def __post_init__(self) -> None:
        bent = {
            position
            for position, feature in enumerate(self.features)
            if feature.type != "category" and (feature.reversed or feature.transform)
        }
        affine = [
            position
            for position, feature in enumerate(self.features)
            if feature.type != "category" and position not in bent
        ]
        divisors = [feature.divisors for feature in self.features]
        values = {
            "starts": (0, *np.cumsum([feature.width for feature in self.features]).tolist()),
            "scales": np.concatenate(divisors) if divisors else np.empty(0),
            "_shifts": np.array([feature.mean or 0.0 for feature in self.features]),
            "_affine": np.array(affine, dtype=np.intp),
            "_bent": tuple(sorted(bent)),
            "is_plain": len(affine) == len(self.features)
            and self.projection is None
            and not any(feature.mean for feature in self.features),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen for everybody else
        self._check_projection()

    def _check_projection(self) -> None:
        matrix = self.projection
        if matrix is not None and (matrix.shape[:-1] != (self.n_columns,) or not np.isfinite(matrix).all()):
            raise ModelBrokenError(
                f"the model is broken: its projection {matrix.shape} does not fit to {self.n_columns} columns"
            )

    @classmethod
    def of_numbers(cls, names: Sequence[str], scales: npt.ArrayLike) -> Self:
        """Make the encoder of numbers that are divided by a scale each, ``(n_features,)``."""
        divisors = np.asarray(scales, dtype=np.float64)
        if divisors.shape != (len(names),) or not (np.isfinite(divisors) & (divisors > 0)).all():
            raise ModelBrokenError(
                f"the model is broken: a scale is not a positive number, or scales {divisors.shape} do not fit to "
                f"{len(names)} features"
            )
        entries = zip(names, divisors.tolist(), strict=True)
        return cls(tuple(FeatureEncoding(name=name, scale=scale) for name, scale in entries))

    @classmethod
    def of_catalogue(cls, catalogue: Catalogue) -> Self:
        """Make the encoder of a catalogue's features, without what only people and files need."""
        projection = np.array(catalogue.projection) if catalogue.projection else None
        return cls(tuple([feature.of_distances for feature in catalogue.features]), projection)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns for people, ``region = north`` for a category."""
        return tuple(name for feature in self.features for name in feature.column_names)

    @cached_property
    def n_columns(self) -> int:
        """Number of columns."""
        return self.starts[-1]

    @cached_property
    def dimensions(self) -> FloatArray:
        """What each feature adds to a squared distance if all vary alike, ``(n_features,)``: 1 for a number.

        A category of m values varies in m - 1 directions; a weight counts a feature so many times.
        """
        return np.array([feature.weight * max(feature.width - 1, 1) for feature in self.features])

    @cached_property
    def size(self) -> float:
        """What all features add together: the number of features, if all are numbers that count once."""
        return float(self.dimensions.sum() if self.projection is None else self.projection.shape[1])

    @cached_property
    def feature_of_column(self) -> npt.NDArray[np.intp]:
        """Position of each column's feature, ``(n_columns,)``."""
        return np.repeat(np.arange(len(self.features)), np.diff(self.starts))

    def encode(self, answers: FloatArray, missing: BoolArray | None = None) -> FloatArray:
        """Return coordinates, ``(n_units, n_coordinates)``; those of a missing answer are NaN.

        ``answers`` and ``missing`` are ``(n_units, n_features)``; what is NaN elsewhere is refused.

        Raises
        ------
        AnswersError
            If an answer cannot be used, or one is missing where there is a projection.
        """
        if missing is None:
            return np.ascontiguousarray(self.project(self.columns(answers)).T)
        self.refuse_missing(missing)
        columns = self.columns(np.where(missing, 0.0, answers))
        columns[missing.T[self.feature_of_column]] = np.nan
        return np.ascontiguousarray(columns.T)

    def columns(self, answers: FloatArray, first_row: int = 0) -> FloatArray:
        """Return the columns, turned, ``(n_columns, n_units)``, of answers ``(n_units, n_features)`` without gaps.

        Raises
        ------
        AnswersError
            If an answer is not finite, too large, or no code of a value; the message names row (counted from
            ``first_row``) and feature.
        """
        columns = np.empty((self.n_columns, len(answers)))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what overflows is refused below
            if self.is_plain:
                np.divide(answers.T, self.scales[:, None], out=columns)
            else:
                self._fill(columns, answers)
        # Two comparisons refuse all: a NaN makes them false as well.
        if columns.size and not (columns.min() >= -LARGEST_SCALED and columns.max() <= LARGEST_SCALED):
            column, row = np.argwhere(~(np.abs(columns) <= LARGEST_SCALED))[0]
            raise self._wrong_answer(first_row + row, answers[row], int(self.feature_of_column[column]))
        return columns

    def _fill(self, columns: FloatArray, answers: FloatArray) -> None:
        self._fill_numbers(columns, answers)
        for position, feature in enumerate(self.features):
            if feature.type == "category":
                rows = slice(self.starts[position], self.starts[position + 1])
                given = answers[:, position] == np.arange(feature.width)[:, None]
                columns[rows] = np.where(given.any(axis=0), given / self.scales[rows, None], np.nan)

    def _fill_numbers(self, columns: FloatArray, answers: FloatArray) -> None:
        places = np.array(self.starts[:-1], dtype=np.intp)
        if self._affine.size:
            own = places[self._affine]
            columns[own] = (answers[:, self._affine].T - self._shifts[self._affine, None]) / self.scales[own, None]
        for position in self._bent:
            columns[places[position]] = self.features[position].number_scale.scaled(answers[:, position])

    def project(self, columns: FloatArray) -> FloatArray:
        """Return the coordinates, turned, ``(n_coordinates, n_units)``, of turned columns.

        Column by column: a matrix product may depend on how many units it is given.
        """
        if self.projection is None:
            return columns
        coordinates = np.zeros((self.projection.shape[1], columns.shape[1]))
        for column, along in zip(columns, self.projection, strict=True):
            coordinates += along[:, None] * column
        return coordinates

    def encode_centroids(self, centroids: FloatArray) -> FloatArray:
        """Return the coordinates of centroids in the unit of the answers, ``(n_centroids, n_coordinates)``."""
        return self.project(self.scaled_centroids(centroids).T).T

    def scaled_centroids(self, centroids: FloatArray) -> FloatArray:
        """Return the columns of centroids in the unit of the answers, ``(n_centroids, n_columns)``."""
        columns = np.divide(centroids.T, self.scales[:, None], out=np.empty(centroids.shape[::-1]))
        self._fill_numbers(columns, centroids[:, self.starts[:-1]])
        return columns.T

    def decode(self, columns: FloatArray) -> FloatArray:
        """Return what columns ``(n_centroids, n_columns)`` stand for in the unit of the answers: typical answers and shares."""
        centroids = np.empty(columns.shape)
        for feature, first, end in zip(self.features, self.starts[:-1], self.starts[1:], strict=True):
            own = columns[:, first:end]
            centroids[:, first:end] = (
                own * self.scales[first:end] if feature.type == "category" else feature.number_scale.answers(own)
            )
        return centroids

    def typical_answers(self, centroids: FloatArray) -> FloatArray:
        """Return answers ``(n_centroids, n_features)`` for centroids: of a category the most frequent value's code."""
        parts = zip(self.features, self.starts[:-1], self.starts[1:], strict=True)
        columns = [
            (
                centroids[:, first:end].argmax(axis=1)
                if feature.type == "category"
                else self._valid(centroids[:, first], feature)
            )
            for feature, first, end in parts
        ]
        answers: FloatArray = np.stack(columns, axis=1).astype(np.float64)
        return answers

    @staticmethod
    def _valid(typical: FloatArray, feature: FeatureEncoding) -> FloatArray:
        valid: FloatArray = np.rint(typical) if feature.is_whole else typical
        return valid

    def refuse_missing(self, missing: BoolArray) -> None:
        """Refuse missing answers ``(n_units, n_features)`` where a projection mixes all columns.

        Raises
        ------
        AnswersError
            If one is missing; the message names row and feature.
        """
        if self.projection is not None and missing.any():
            row, position = np.argwhere(missing)[0]
            raise AnswersError(
                f"row {row} (counted from 0), feature {self.feature_names[position]!r}: the answer is missing, and the "
                "model projects all answers together, so that none may be"
            )

    def _wrong_answer(self, row: int, answers: FloatArray, position: int) -> AnswersError:
        feature, value = self.features[position], float(answers[position])
        where = f"row {row} (counted from 0), feature {feature.name!r}"
        if feature.type == "category" and np.isfinite(value):
            return AnswersError(f"{where}: {value:g} is not a code of a value, which are 0 to {feature.width - 1}")
        why = "is too large" if np.isfinite(value) else "is not a finite number"
        low, high = feature.computable
        return AnswersError(f"{where}: {value:g} {why}; answers must lie between {low:g} and {high:g}")
