"""Labels a wave in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from dtc_data.catalogue import Catalogue
from dtc_data.core import Wave
from dtc_data.tables import NO_SEGMENT, UnitTable
from dtc_model.registry import ServedModel, check_agrees
from dtc_model.rule import INCOMPLETE, FloatArray, IntArray
from sqlalchemy import Connection


@dataclass(frozen=True)
class WaveLabels:
    """The personas of a wave, after it was labelled."""

    wave: Wave
    model_version: str
    units: int
    changed: int
    """Respondents whose persona or version is another than before."""
    kept_vendor_labels: int
    """Respondents whose persona the vendor gave; they are counted and never changed."""
    counts: Mapping[str, int]
    """Respondents by name of persona, as the model has them, in its order."""
    first: int = 0
    """Those of the changed who got a persona and whom no version has looked at before."""
    first_without: int = 0
    """Those whom no version has looked at before and who stay without a persona."""
    weights: Mapping[str, float] | None = None
    """Their weights, summed likewise; None if all count alike."""

    @property
    def relabelled(self) -> int:
        """Respondents whom a version had looked at before, and whose persona or version is another now."""
        return self.changed - self.first - self.first_without

    @property
    def unlabelled(self) -> int:
        """Respondents without a persona, because too many answers are missing."""
        return self.units - sum(self.counts.values())

    @property
    def shares(self) -> dict[str, float]:
        """Share of each persona among the respondents who have one, weighted if they have weights."""
        counted = self.counts if self.weights is None else self.weights
        labelled = sum(counted.values())
        return {name: count / labelled if labelled else 0.0 for name, count in counted.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        return {
            "wave": str(self.wave),
            "model_version": self.model_version,
            "respondents": self.units,
            "changed": self.changed,
            "first": self.first,
            "kept_vendor_labels": self.kept_vendor_labels,
            "unlabelled": self.unlabelled,
            "counts": dict(self.counts),
            "shares": self.shares,
        }


def label_wave(connection: Connection, table: UnitTable, wave: Wave, served: ServedModel) -> WaveLabels:
    """Return each respondent of a wave the persona that the model finds, except where the vendor gave one.

    Labelling again with the same version changes nothing. Other writers of the table wait until the caller's
    transaction ends, so two labellings follow each other.

    Parameters
    ----------
    connection : Connection
        In a transaction; a raised error must end it.
    table : UnitTable
    wave : Wave
    served : ServedModel
        The version that labels.

    Raises
    ------
    WaveError
        If the wave holds no respondents.
    ModelBrokenError
        If the model is made for other features than the table has.
    AnswersError
        If an answer is too large to be labelled.
    UnitTableError
        If the table is missing, or the model gives a persona that the catalogue does not have.
    """
    catalogue, model = table.catalogue, served.model
    check_agrees(served, catalogue)

    def label(answers: FloatArray) -> IntArray:
        labels = model.label(answers, catalogue.minimum_answered)
        return np.where(labels == INCOMPLETE, NO_SEGMENT, labels)

    counts = table.label_wave(connection, wave, served.version, model.encoder.features, label)
    names = _names(served, catalogue)
    return WaveLabels(
        wave=wave,
        model_version=served.version,
        units=counts.units,
        changed=counts.changed,
        kept_vendor_labels=counts.kept,
        counts={name: counts.by_segment.get(id_, 0) for id_, name in names.items()},
        first=counts.first,
        first_without=counts.first_without,
        weights={name: counts.weights.get(id_, 0.0) for id_, name in names.items()} if counts.weights else None,
    )


def _names(served: ServedModel, catalogue: Catalogue) -> dict[int, str]:
    """Return the names of segments by id as the model has them, as over HTTP; then those that only the catalogue has."""
    of_model = dict(zip(served.model.segment_ids, served.model.segment_names, strict=True))
    return of_model | {
        id_: name
        for id_, name in zip(catalogue.segment_ids, catalogue.segment_names, strict=True)
        if id_ not in of_model
    }
