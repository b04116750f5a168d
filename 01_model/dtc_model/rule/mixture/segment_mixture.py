"""The mixture as a model of the registry: distributions over a catalogue's features, with everything that a `SegmentModel` has.

A squared distance is here -2 log(share x density), feature by feature and less what is the same for all segments, so that the
nearest segment is the most probable one, and fit, verdict and gate mean the same as for centroids.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from dtc_data.catalogue import MIXTURE, Catalogue

from dtc_model.errors import ModelBrokenError
from dtc_model.rule.encoder import BoolArray, Encoder, FloatArray
from dtc_model.rule.mixture.segment_mixture_document import DistributionEntry, read_distributions, write_distributions
from dtc_model.rule.reference_distances import Reference
from dtc_model.rule.segment_model import SegmentModel
from dtc_model.rule.typical_words import typical_in_words

SMALLEST_PROBABILITY: Final = 1e-6
"""Stands for the probability of a value that no unit of a segment had: rare is not impossible."""
SAME_WITHIN: Final = 1e-3
"""Relative difference of shares and spreads up to which two mixtures are the same one."""
_CHUNK: Final = 2**16
"""Differences held at a time, so that they stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class SegmentMixture(SegmentModel):
    """Named distributions, normal in the numbers and multinomial in the categories, and the most probable of them for each unit.

    ``centroids`` hold the mean of each number and the probability of each value of a category.

    Raises
    ------
    ModelBrokenError
        If shapes, numbers, ids or names do not fit together.
    """

    shares: FloatArray = field(default_factory=lambda: np.empty(0))
    """Of the units that are expected in each segment, ``(n_segments,)``."""
    spreads: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    """Standard deviations in scaled units, ``(n_segments, n_features)``; those of categories are not used."""

    def __post_init__(self) -> None:
        super().__post_init__()
        shape = len(self.segment_ids), len(self.encoder.features)
        spreads = np.ones(shape) if self.spreads.size == 0 else np.array(self.spreads, dtype=np.float64)
        shares = np.array(self.shares, dtype=np.float64)
        if shares.shape != shape[:1] or spreads.shape != shape or not (shares > 0).all() or not (spreads > 0).all():
            raise ModelBrokenError(
                f"the mixture is broken: shares {shares.shape} and spreads {spreads.shape} do not fit to {shape[0]} segments and "
                f"{shape[1]} features, or one is not above 0"
            )
        if self.encoder.projection is not None:
            raise ModelBrokenError("the mixture is broken: a mixture of a catalogue has no projection")
        for name, value in (("shares", shares / shares.sum()), ("spreads", spreads)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)  # the dataclass is frozen for everybody else

    @classmethod
    def from_catalogue(cls, catalogue: Catalogue) -> Self:
        """Make the mixture that a catalogue is."""
        n_features = len(catalogue.features)
        return cls(
            encoder=Encoder.of_catalogue(catalogue),
            centroids=catalogue.centroids,
            segment_ids=catalogue.segment_ids,
            segment_names=catalogue.segment_names,
            provenance={"source": f"catalogue {catalogue.name!r}"},
            shares=np.array(catalogue.shares, dtype=np.float64),
            spreads=np.array([segment.spreads or (1.0,) * n_features for segment in catalogue.segments]),
        )

    @classmethod
    def from_document(cls, content: Mapping[str, Any]) -> Self:
        """Make the mixture that the content of a document of this kind describes.

        Raises
        ------
        ModelBrokenError
            If the content is incomplete, or contradicts itself.
        """
        document = read_distributions(content)
        return cls(
            encoder=Encoder(tuple(document.features)),
            centroids=np.array([segment.centroid for segment in document.segments]),
            segment_ids=tuple(segment.id for segment in document.segments),
            segment_names=tuple(segment.name for segment in document.segments),
            provenance=document.provenance,
            reference=Reference.from_entry(document.reference) if document.reference else None,
            shares=np.array([segment.share for segment in document.segments]),
            spreads=np.array([segment.spreads for segment in document.segments], ndmin=2),
        )

    def to_json(self) -> str:
        """Write the mixture as a JSON document, which `dtc_model.rule.read_model` reads."""
        segments = [
            DistributionEntry(
                id=id_,
                name=name,
                centroid=centroid,
                typical=typical_in_words(self.encoder, centroid),
                share=float(self.shares[place]),
                spreads=self.spreads[place].tolist(),
            )
            for place, (id_, name, centroid) in enumerate(
                zip(self.segment_ids, self.segment_names, self.centroids.tolist(), strict=True)
            )
        ]
        reference = self.reference.to_entry() if self.reference else None
        return write_distributions(self.encoder.features, segments, self.provenance, reference)

    @property
    def kind(self) -> str:
        """What the document calls such a model."""
        return MIXTURE

    @property
    def evidence_spread(self) -> float:
        """1: the squared distances are already measured in the spreads of the segments."""
        return 1.0

    def is_shaped_like(self, other: SegmentModel) -> bool:
        """Tell whether another model is a mixture with the same shares and spreads."""
        return isinstance(other, SegmentMixture) and all(
            mine.shape == theirs.shape and np.allclose(mine, theirs, rtol=SAME_WITHIN, atol=0)
            for mine, theirs in ((self.shares, other.shares), (self.spreads, other.spreads))
        )

    def squares(self, answers: FloatArray, missing: BoolArray | None = None) -> Iterator[tuple[slice, FloatArray]]:
        """Return -2 log(share x density) over the answered features, ``(n_segments, n_rows)`` for each chunk of rows."""
        for rows, parts in self.squares_by_feature(answers, missing):
            yield rows, np.add.reduce(parts, axis=0)

    def squares_by_feature(
        self, answers: FloatArray, missing: BoolArray | None = None
    ) -> Iterator[tuple[slice, FloatArray]]:
        """Return each answered feature's part, ``(n_features, n_segments, n_rows)`` for each chunk of rows.

        The part of the shares is divided equally among the answered features.
        """
        step = max(1, _CHUNK // self.centroids.size)
        for start in range(0, len(answers), step):
            rows = slice(start, min(start + step, len(answers)))
            gaps = np.zeros_like(answers[rows], dtype=bool) if missing is None else missing[rows]
            given = np.where(gaps, 0.0, answers[rows]) if missing is not None else answers[rows]
            columns = self.encoder.columns(given, start)
            parts = np.stack([self._part(place, columns, given[:, place]) for place in range(given.shape[1])])
            parts += self._share_part[None, :, None] / np.maximum((~gaps).sum(axis=1), 1)
            parts *= ~gaps.T[:, None, :]
            yield rows, parts

    @property
    def _share_part(self) -> FloatArray:
        part: FloatArray = -2.0 * np.log(self.shares)
        return part

    def _part(self, place: int, columns: FloatArray, answers: FloatArray) -> FloatArray:
        """Return what one feature says of each segment and unit, ``(n_segments, n_rows)``."""
        first, end = self.encoder.starts[place : place + 2]
        if self.encoder.features[place].type == "category":
            surprises = -2.0 * np.log(np.maximum(self.centroids[:, first:end], SMALLEST_PROBABILITY))
            return np.asarray(surprises[:, answers.astype(np.intp)])
        own = self.spreads[:, place]
        deviations = (columns[first] - self._targets[first][:, None]) / own[:, None]
        unusual: FloatArray = deviations * deviations + 2 * np.log(own / own.min())[:, None]
        return unusual
