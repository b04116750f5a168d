"""The nearest-centroid model: a unit belongs to the segment with the nearest centroid.

This is the only place in the product where a label is decided; the service, the month in the database and the models in
the registry all call it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import LARGEST_SCALED, NEAREST_CENTROID, Catalogue

from dtc_model.errors import AnswersError, ModelBrokenError
from dtc_model.rule.distances import squared_distances, squares_by_feature
from dtc_model.rule.encoder import BoolArray, Encoder, FloatArray
from dtc_model.rule.model_document import (
    SegmentDocument,
    SegmentEntry,
    parse_document,
    read_segments,
    write_document,
)
from dtc_model.rule.reference_distances import Reference
from dtc_model.rule.typical_words import typical_in_words

IntArray = npt.NDArray[np.int64]

INCOMPLETE: Final = -1
"""Position and label of a unit with too few answers; a segment's are never negative."""

_FEWEST_SEGMENTS = 2


@dataclass(frozen=True, eq=False)
class SegmentModel:
    """Named centroids, and the rule that gives each unit the nearest of them.

    ``encoder`` turns answers into the coordinates between which distances are taken; ``centroids``
    ``(n_segments, n_columns)`` are in the unit of the answers, with the share of each value of a category. They are copied
    and cannot be written to.

    Raises
    ------
    ModelBrokenError
        If shapes, numbers, ids or names do not fit together.
    """

    encoder: Encoder
    centroids: FloatArray
    segment_ids: tuple[int, ...]
    segment_names: tuple[str, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where the centroids come from, for people to read."""
    reference: Reference | None = None
    """How far the units of the reference wave lie from their segments, where that is known."""
    _targets: FloatArray = field(init=False, repr=False)
    """Encoded centroids, ``(n_coordinates, n_segments)``."""
    _ids: IntArray = field(init=False, repr=False)
    """Ids by position; `INCOMPLETE` stands last, where its own value as a position leads."""

    def __post_init__(self) -> None:
        centroids = _read_only(self.centroids)
        _check_names(self.encoder.feature_names, self.segment_ids, self.segment_names)
        shape = len(self.segment_ids), self.encoder.n_columns
        if centroids.shape != shape:
            raise ModelBrokenError(
                f"the model is broken: centroids {centroids.shape} do not fit to {shape[0]} segments and {shape[1]} columns"
            )
        with np.errstate(over="ignore", invalid="ignore"):  # the comparison is false for what overflows, and for NaN
            targets = _read_only(self.encoder.encode_centroids(centroids).T)
            if not (np.isfinite(centroids).all() and (np.abs(targets) <= LARGEST_SCALED).all()):
                raise ModelBrokenError("the model is broken: a centroid is not finite or too large")
        if self.reference is not None:
            self.reference.check(len(self.segment_ids))
        values = {
            "centroids": centroids,
            "provenance": MappingProxyType(dict(self.provenance)),
            "_targets": targets,
            "_ids": np.array([*self.segment_ids, INCOMPLETE], dtype=np.int64),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen for everybody else

    @classmethod
    def from_catalogue(cls, catalogue: Catalogue) -> "SegmentModel":
        """Make the model that the catalogue itself is, of the kind of its rule."""
        if catalogue.rule != NEAREST_CENTROID:
            from dtc_model.rule.kinds import class_of  # noqa: PLC0415 - which reads this module

            return class_of(catalogue.rule).from_catalogue(catalogue)
        return cls(
            encoder=Encoder.of_catalogue(catalogue),
            centroids=catalogue.centroids,
            segment_ids=catalogue.segment_ids,
            segment_names=catalogue.segment_names,
            provenance={"source": f"catalogue {catalogue.name!r}"},
        )

    @classmethod
    def from_document(cls, content: Mapping[str, Any]) -> Self:
        """Make the model that the content of a document of this kind describes.

        Raises
        ------
        ModelBrokenError
            If the content is incomplete, or contradicts itself.
        """
        document = read_segments(content)
        projection = None if document.projection is None else np.array(document.projection, ndmin=2)
        return cls(
            encoder=Encoder(tuple(document.features), projection),
            centroids=np.array([segment.centroid for segment in document.segments]),
            segment_ids=tuple(segment.id for segment in document.segments),
            segment_names=tuple(segment.name for segment in document.segments),
            provenance=document.provenance,
            reference=Reference.from_entry(document.reference) if document.reference else None,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a document that is of this kind; registered versions carry code that asks for it by this name.

        Raises
        ------
        ModelBrokenError
            If it is not JSON, of another format or kind, incomplete, or contradicts itself.
        """
        return cls.from_document(parse_document(text))

    @classmethod
    def of_numbers(  # noqa: PLR0913, PLR0917 - the parts of a model
        cls,
        feature_names: Sequence[str],
        scales: npt.ArrayLike,
        centroids: npt.ArrayLike,
        segment_ids: tuple[int, ...],
        segment_names: tuple[str, ...],
        provenance: Mapping[str, str] | None = None,
    ) -> Self:
        """Make a model of numbers that are divided by a scale each, ``(n_features,)``."""
        encoder = Encoder.of_numbers(feature_names, scales)
        return cls(encoder, np.asarray(centroids, dtype=np.float64), segment_ids, segment_names, provenance or {})

    def to_json(self) -> str:
        """Write the model as a JSON document, which `dtc_model.rule.read_model` reads."""
        segments = zip(self.segment_ids, self.segment_names, self.centroids.tolist(), strict=True)
        projection = self.encoder.projection
        document = SegmentDocument(
            features=list(self.encoder.features),
            projection=None if projection is None else projection.tolist(),
            segments=[
                SegmentEntry(id=id_, name=name, centroid=centroid, typical=typical_in_words(self.encoder, centroid))
                for id_, name, centroid in segments
            ],
            provenance=dict(self.provenance),
            reference=self.reference.to_entry() if self.reference else None,
        )
        return write_document(document)

    @property
    def kind(self) -> str:
        """What the document calls such a model."""
        return NEAREST_CENTROID

    @property
    def evidence_spread(self) -> float:
        """Standard deviation by which distances become probabilities; NaN where no reference tells it."""
        return self.reference.spread if self.reference else float("nan")

    def is_shaped_like(self, other: "SegmentModel") -> bool:
        """Tell whether another model is of the same kind, and differs at most in its centroids."""
        return type(self) is type(other)

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of answers."""
        return self.encoder.feature_names

    @property
    def typical_answers(self) -> FloatArray:
        """A unit that answers like each segment, ``(n_segments, n_features)``: of a category the most frequent value's code."""
        return self.encoder.typical_answers(self.centroids)

    @cached_property
    def coordinates(self) -> FloatArray:
        """Encoded centroids, ``(n_segments, n_coordinates)``."""
        return self._targets.T

    def label(self, answers: npt.ArrayLike, minimum_answered: int | None = None) -> IntArray:
        """Return a segment's id for each unit, ``(n_units,)``; see `nearest`."""
        return self._ids[self.nearest(answers, minimum_answered)]

    def nearest(self, answers: npt.ArrayLike, minimum_answered: int | None = None) -> npt.NDArray[np.intp]:
        """Return the position of each unit's nearest segment, ``(n_units,)``; the first of equals wins.

        Parameters
        ----------
        answers : array_like of shape (n_units, n_features)
            In the unit of the answers and the order of ``feature_names``; categories as codes.
        minimum_answered : int, optional
            Fewest answers with which a unit is labelled, by the distance over the answered features; with fewer
            the position is `INCOMPLETE`. A missing answer is NaN. If not given, none may be missing.

        Raises
        ------
        AnswersError
            If the shape is wrong, or an answer is not finite or too large; the message names row and feature.
        """
        checked = as_answers(answers, self.feature_names)
        missing = missing_answers(checked, minimum_answered)
        positions = np.empty(len(checked), dtype=np.intp)
        for rows, squares in self.squares(checked, missing):
            squares.argmin(axis=0, out=positions[rows])
        if missing is not None:
            positions[missing.shape[1] - missing.sum(axis=1) < (minimum_answered or 0)] = INCOMPLETE
        return positions

    def distances(self, answers: npt.ArrayLike) -> FloatArray:
        """Return the Euclidean distances to all segments in scaled units, ``(n_units, n_segments)``."""
        checked = as_answers(answers, self.feature_names)
        result = np.empty((len(checked), len(self.segment_ids)))
        for rows, squares in self.squares(checked):
            np.sqrt(squares.T, out=result[rows])
        return result

    def squares_by_feature(
        self, answers: FloatArray, missing: BoolArray | None = None
    ) -> Iterator[tuple[slice, FloatArray]]:
        """Return each feature's part in them, ``(n_features, n_segments, n_rows)`` for each chunk of rows."""
        return squares_by_feature(answers, self.encoder, self._targets, missing)

    def squares(self, answers: FloatArray, missing: BoolArray | None = None) -> Iterator[tuple[slice, FloatArray]]:
        """Return squared distances over the answered features, ``(n_segments, n_rows)`` for each chunk of rows.

        ``answers`` and ``missing`` are ``(n_units, n_features)``; see `dtc_model.rule.distances.squared_distances`.
        """
        return squared_distances(answers, self.encoder, self._targets, missing)


def as_answers(answers: npt.ArrayLike, feature_names: Sequence[str]) -> FloatArray:
    """Return answers as a matrix of doubles ``(n_units, n_features)``.

    Raises
    ------
    AnswersError
        If they are not numbers or have another shape.
    """
    array = np.asarray(answers)
    if array.dtype.kind not in "biuf":
        raise AnswersError(f"answers are of type {array.dtype}: give numbers")
    if array.shape != (len(array) if array.ndim else 0, len(feature_names)):
        raise AnswersError(
            f"answers have the shape {array.shape}: give one row per unit with {len(feature_names)} features, "
            f"in the order {', '.join(feature_names)}"
        )
    return array.astype(np.float64, copy=False)


def missing_answers(answers: FloatArray, minimum_answered: int | None) -> BoolArray | None:
    """Tell where answers are missing, ``(n_units, n_features)``; None if none is, or none may be."""
    if minimum_answered is None:
        return None
    missing: BoolArray = np.isnan(answers)
    return missing if missing.any() else None


def _read_only(values: npt.ArrayLike) -> FloatArray:
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def _check_names(features: Sequence[str], ids: Sequence[int], names: Sequence[str]) -> None:
    if not features or len(ids) < _FEWEST_SEGMENTS or len(names) != len(ids):
        raise ModelBrokenError(
            f"the model is broken: it has {len(features)} features, {len(ids)} segment ids and {len(names)} "
            f"segment names, but needs a feature, {_FEWEST_SEGMENTS} segments and a name for each"
        )
    for what, values in (("feature name", features), ("segment id", ids), ("segment name", names)):
        if len(set(values)) < len(values):
            raise ModelBrokenError(f"the model is broken: a {what} is given twice")
