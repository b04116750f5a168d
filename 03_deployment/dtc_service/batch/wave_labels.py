"""Labels a wave in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from dtc_data.catalogue import Catalogue, answer_matrix
from dtc_data.core import SEGMENT, SURVEY_WEIGHT, Wave
from dtc_data.tables import UnitTable
from dtc_model.registry import ServedModel, check_agrees
from dtc_model.rule import INCOMPLETE
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

    Labelling again with the same version changes nothing. The rows stay locked until the caller's transaction ends, so
    two labellings of one wave follow each other.

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
    check_agrees(served, table.catalogue)
    units = table.load(connection, wave, for_update=True)
    given_by_vendor = units[SEGMENT].notna() & units["model_version"].isna()
    found = _segments(units, served, table.catalogue.minimum_answered)
    labelled = units.assign(**{SEGMENT: units[SEGMENT].where(given_by_vendor, found)})
    changed = table.write_labels(connection, labelled[~given_by_vendor], served.version)
    is_first = ~given_by_vendor & units["model_version"].isna()
    names = _names(served, table.catalogue)
    return WaveLabels(
        wave=wave,
        model_version=served.version,
        units=len(labelled),
        changed=changed,
        kept_vendor_labels=int(given_by_vendor.sum()),
        counts=_counts(labelled[SEGMENT], names),
        first=int((is_first & labelled[SEGMENT].notna()).sum()),
        first_without=int((is_first & labelled[SEGMENT].isna()).sum()),
        weights=_weights(labelled, names) if SURVEY_WEIGHT in labelled else None,
    )


def _segments(units: pd.DataFrame, served: ServedModel, minimum_answered: int) -> "pd.Series[int]":
    """Label the respondents; whoever answered too little stays without a persona."""
    answers = answer_matrix(units, served.model.encoder.features)
    labels = pd.Series(served.model.label(answers, minimum_answered), index=units.index, dtype="Int64")
    return labels.where(labels != INCOMPLETE)


def _names(served: ServedModel, catalogue: Catalogue) -> dict[int, str]:
    """Return the names of segments by id as the model has them, as over HTTP; then those that only the catalogue has."""
    of_model = dict(zip(served.model.segment_ids, served.model.segment_names, strict=True))
    return of_model | {
        id_: name
        for id_, name in zip(catalogue.segment_ids, catalogue.segment_names, strict=True)
        if id_ not in of_model
    }


def _counts(segments: "pd.Series[int]", names: Mapping[int, str]) -> dict[str, int]:
    by_id = segments.value_counts()
    return {name: int(by_id.get(id_, 0)) for id_, name in names.items()}


def _weights(labelled: pd.DataFrame, names: Mapping[int, str]) -> dict[str, float]:
    by_id = labelled.groupby(SEGMENT)[SURVEY_WEIGHT].sum()
    return {name: float(by_id.get(id_, 0.0)) for id_, name in names.items()}
