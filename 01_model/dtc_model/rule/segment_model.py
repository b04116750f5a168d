"""The persona model: a respondent belongs to the persona with the nearest centroid.

This is the only place in the product where a label is decided; the service, the month in the database and the models in
the registry all call it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from dtc_data.catalogue import LARGEST_SCALED, Catalogue

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.distances import BoolArray, FloatArray, as_answers, squared_distances
from dtc_model.rule.model_document import FeatureEntry, SegmentDocument, SegmentEntry, read_document, write_document
from dtc_model.rule.reference_distances import Reference

IntArray = npt.NDArray[np.int64]

INCOMPLETE: Final = -1
"""Position and label of a respondent who answered too few features; a persona's are never negative."""

_FEWEST_SEGMENTS = 2


@dataclass(frozen=True, eq=False)
class SegmentModel:
    """Named centroids, and the rule that gives each respondent the nearest of them.

    ``scales`` ``(n_features,)`` divide the answers before a distance is taken; ``centroids``
    ``(n_segments, n_features)`` are in the unit of the answers. Both are copied and cannot be written to.

    Raises
    ------
    ModelBrokenError
        If shapes, numbers, ids or names do not fit together.
    """

    feature_names: tuple[str, ...]
    scales: FloatArray
    centroids: FloatArray
    segment_ids: tuple[int, ...]
    segment_names: tuple[str, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where the centroids come from, for people to read."""
    reference: Reference | None = None
    """How far the respondents of the reference wave lie from their personas, where that is known."""
    _targets: FloatArray = field(init=False, repr=False)
    """Scaled centroids, ``(n_features, n_segments)``."""
    _ids: IntArray = field(init=False, repr=False)
    """Ids by position; `INCOMPLETE` stands last, where its own value as a position leads."""

    def __post_init__(self) -> None:
        scales, centroids = _read_only(self.scales), _read_only(self.centroids)
        _check_names(self.feature_names, self.segment_ids, self.segment_names)
        _check_numbers(scales, centroids, (len(self.segment_ids), len(self.feature_names)))
        if self.reference is not None:
            self.reference.check(len(self.segment_ids))
        values = {
            "scales": scales,
            "centroids": centroids,
            "provenance": MappingProxyType(dict(self.provenance)),
            "_targets": _read_only((centroids / scales).T),
            "_ids": np.array([*self.segment_ids, INCOMPLETE], dtype=np.int64),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen for everybody else

    @classmethod
    def from_catalogue(cls, catalogue: Catalogue) -> Self:
        """Make the model that the vendor's own centroids are."""
        return cls(
            feature_names=catalogue.feature_names,
            scales=catalogue.scales,
            centroids=catalogue.centroids,
            segment_ids=catalogue.segment_ids,
            segment_names=catalogue.segment_names,
            provenance={"source": f"catalogue {catalogue.name!r}"},
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a model that ``to_json`` wrote; every number comes back exactly.

        Raises
        ------
        ModelBrokenError
            If the document is no JSON, of another format, incomplete, or contradicts itself.
        """
        document = read_document(text)
        return cls(
            feature_names=tuple(feature.name for feature in document.features),
            scales=np.array([feature.scale for feature in document.features]),
            centroids=np.array([segment.centroid for segment in document.segments]),
            segment_ids=tuple(segment.id for segment in document.segments),
            segment_names=tuple(segment.name for segment in document.segments),
            provenance=document.provenance,
            reference=Reference.from_entry(document.reference) if document.reference else None,
        )

    def to_json(self) -> str:
        """Write the model as a JSON document."""
        features = zip(self.feature_names, self.scales.tolist(), strict=True)
        segments = zip(self.segment_ids, self.segment_names, self.centroids.tolist(), strict=True)
        document = SegmentDocument(
            features=[FeatureEntry(name=name, scale=scale) for name, scale in features],
            segments=[SegmentEntry(id=id_, name=name, centroid=centroid) for id_, name, centroid in segments],
            provenance=dict(self.provenance),
            reference=self.reference.to_entry() if self.reference else None,
        )
        return write_document(document)

    def label(self, answers: npt.ArrayLike, minimum_answered: int | None = None) -> IntArray:
        """Give each respondent a persona id, ``(n_units,)``; see `nearest`."""
        return self._ids[self.nearest(answers, minimum_answered)]

    def nearest(self, answers: npt.ArrayLike, minimum_answered: int | None = None) -> npt.NDArray[np.intp]:
        """Give each respondent the position of the nearest persona, ``(n_units,)``; the first of equals wins.

        Parameters
        ----------
        answers : array_like of shape (n_units, n_features)
            In the unit of the survey and the order of ``feature_names``.
        minimum_answered : int, optional
            Fewest answers with which a respondent is labelled, by the distance over the answered features; with fewer
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
        """Give the Euclidean distances to all personas in scaled units, ``(n_units, n_segments)``."""
        checked = as_answers(answers, self.feature_names)
        result = np.empty((len(checked), len(self.segment_ids)))
        for rows, squares in self.squares(checked):
            np.sqrt(squares.T, out=result[rows])
        return result

    def squares(self, answers: FloatArray, missing: BoolArray | None = None) -> Iterator[tuple[slice, FloatArray]]:
        """Give squared scaled distances over the answered features, ``(n_segments, n_rows)`` for each chunk of rows.

        ``answers`` and ``missing`` are ``(n_units, n_features)``; see `dtc_model.rule.distances.squared_distances`.
        """
        return squared_distances(answers, self.scales, self._targets, self.feature_names, missing)


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
            f"the persona model is broken: it has {len(features)} features, {len(ids)} persona ids and {len(names)} "
            f"persona names, but needs a feature, {_FEWEST_SEGMENTS} personas and a name for each"
        )
    for what, values in (("feature name", features), ("persona id", ids), ("persona name", names)):
        if len(set(values)) < len(values):
            raise ModelBrokenError(f"the persona model is broken: a {what} is given twice")


def _check_numbers(scales: FloatArray, centroids: FloatArray, shape: tuple[int, int]) -> None:
    if centroids.shape != shape or scales.shape != shape[1:]:
        raise ModelBrokenError(
            f"the persona model is broken: centroids {centroids.shape} and scales {scales.shape} do not fit to "
            f"{shape[0]} personas and {shape[1]} features"
        )
    if not (np.isfinite(scales) & (scales > 0)).all():
        raise ModelBrokenError("the persona model is broken: a scale is not a positive number")
    with np.errstate(over="ignore", invalid="ignore"):  # the comparison is false for what overflows, and for NaN
        if not (np.abs(centroids / scales) <= LARGEST_SCALED).all():
            raise ModelBrokenError("the persona model is broken: a centroid is not finite or too large")
