"""The respondents of a wave who have a persona, with the version that gave it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from dtc_data import Catalogue, Wave
from dtc_data.catalogue import answer_matrix
from dtc_data.core import SEGMENT, SURVEY_WEIGHT, UnitTableError
from dtc_data.tables import LARGEST_WHOLE, UnitTable, WaveCounts, counts_of_wave
from dtc_model.rule import FloatArray, SegmentModel, describe
from sqlalchemy import Connection

VENDOR: Final = "vendor"
"""Stands for a version where the vendor gave the persona."""


@dataclass(frozen=True, eq=False)
class LabelledWave:
    """Answers ``(n_labelled, n_features)``, persona ids and versions ``(n_labelled,)`` of those who have a persona.

    Of a large wave they are those of a sample; what is counted is counted for everybody.
    """

    wave: Wave
    catalogue: Catalogue
    units: int
    """Everybody in the wave, with a persona or without."""
    answers: FloatArray
    segments: npt.NDArray[np.int64]
    versions: npt.NDArray[np.object_]
    weights: FloatArray | None = None
    """Of those who have a persona, ``(n_labelled,)``; None if all count alike."""
    counted: WaveCounts | None = None
    """How many of everybody have which persona and by which version, where the above is a sample."""

    @classmethod
    def load(cls, connection: Connection, table: UnitTable, wave: Wave, most: int = LARGEST_WHOLE) -> Self:
        """Read a wave, or about ``most`` of a larger one.

        Raises
        ------
        WaveError
            If it holds no respondents.
        UnitTableError
            If the table does not fit the catalogue, or holds a persona that the catalogue does not have.
        """
        sample = table.sample(connection, wave, most)
        looked_at = table.load(connection, wave, sample)
        counted = counts_of_wave(connection, table, wave) if sample.is_part else None
        labelled = looked_at[looked_at[SEGMENT].notna()]
        segments = labelled[SEGMENT].to_numpy(dtype=np.int64)
        found = counted.by_segment if counted else segments.tolist()
        if strange := sorted(set(found) - set(table.catalogue.segment_ids)):
            word = table.catalogue.words.segment
            raise UnitTableError(
                f"table {table.name!r}, wave {wave}: there are labels of the {word} {strange[0]}, which the catalogue "
                f"{table.catalogue.name!r} does not have; put the {word} back, or label the wave again"
            )
        return cls(
            wave=wave,
            catalogue=table.catalogue,
            units=counted.units if counted else len(looked_at),
            answers=answer_matrix(labelled, table.catalogue.features),
            segments=segments,
            versions=labelled["model_version"].fillna(VENDOR).to_numpy(dtype=object),
            weights=labelled[SURVEY_WEIGHT].to_numpy(dtype=np.float64) if SURVEY_WEIGHT in labelled else None,
            counted=counted,
        )

    @cached_property
    def by_version(self) -> dict[str, int]:
        """Respondents by the version that labelled them, the most frequent first."""
        if self.counted is not None:
            return {VENDOR if version is None else version: n for version, n in self.counted.by_version.items()}
        return dict(Counter(self.versions.tolist()).most_common())

    @property
    def sampled(self) -> int | None:
        """How many of those who have a persona are in the sample; None if all were looked at."""
        return None if self.counted is None else len(self.segments)

    @property
    def rule(self) -> str:
        """The version that labelled most; the wave must have labels."""
        return next(iter(self.by_version))

    def shares(self) -> FloatArray:
        """Return the share of each persona as it is stored, ``(n_segments,)`` in the catalogue's order."""
        if self.counted is None:
            return self._shares(self.segments)
        return np.array([self.counted.share(id_) or 0.0 for id_ in self.catalogue.segment_ids])

    def shares_under(self, model: SegmentModel) -> FloatArray:
        """Return the shares if a model had labelled, ``(n_segments,)``; whoever answered too little for it is left out.

        Of a sample the stored shares of everybody, and what the sample says differs from them: where the model would give the same labels,
        that is nothing, and the shares are exact (the difference estimator of W. G. Cochran, Sampling Techniques, 1977, section 7.9).
        """
        under = self._shares(model.label(self.answers, self.catalogue.minimum_answered))
        return under if self.counted is None else self.shares() + (under - self._shares(self.segments))

    def mean_distance(self, model_of: Callable[[str], SegmentModel | None]) -> float | None:
        """Return the mean distance to the nearest persona under the version that labelled, in scaled units.

        None if there are no labels, or one of the models cannot be had.
        """
        total, measured = 0.0, 0.0
        for version in self.by_version:
            model = model_of(version)
            if model is None:
                return None
            rows = self.versions == version
            if not rows.any():  # of a few units of a large wave, none of whom is in the sample
                continue
            distances = describe(model, self.answers[rows], self.catalogue.minimum_answered).distances
            known = ~np.isnan(distances)
            weights = self._weights[rows][known]
            total, measured = total + float(weights @ distances[known]), measured + float(weights.sum())
        return total / measured if measured else None

    def _shares(self, segments: npt.NDArray[np.int64]) -> FloatArray:
        counts = np.array([self._weights[segments == id_].sum() for id_ in self.catalogue.segment_ids])
        shares: FloatArray = counts / (counts.sum() or 1.0)
        return shares

    @property
    def _weights(self) -> FloatArray:
        return np.ones(len(self.segments)) if self.weights is None else self.weights
