"""How far a catalogue's rule gives the labels that the vendor gave."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from dtc_data.catalogue import Catalogue, FloatArray, answer_matrix
from dtc_data.core import SEGMENT, UNIT_ID, SurveyFileError
from dtc_model.rule import INCOMPLETE, SegmentModel, missing_answers

HARDLY: Final = 0.005
"""A feature hardly matters if fewer labels than this share would be others without it."""


@dataclass(frozen=True)
class Difference:
    """A unit to which the rule gives another segment than the vendor."""

    unit_id: str
    by_vendor: str
    by_rule: str | None
    """None if the unit answered too little."""
    gap: float
    """(d_vendor - d_rule) / d_vendor: near 0 where both segments are almost equally near; NaN without a segment."""


@dataclass(frozen=True)
class FeatureEffect:
    """What one feature does to the labels."""

    name: str
    changed: float
    """Share of the units that would get another segment without it."""
    agreement_if_turned: float
    """Share of the vendor's labels that the rule would give if the feature were turned about."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """The vendor's labels beside the rule's, for the units that have one from the vendor."""

    catalogue: Catalogue
    without_label: int
    """Units of the file that the vendor gave no segment; they are not compared."""
    counts: npt.NDArray[np.int64]
    """Units by the vendor's segment and the rule's, ``(n_segments, n_segments + 1)``; the last column got none."""
    differences: tuple[Difference, ...]
    """Those with the smallest gap first."""
    features: tuple[FeatureEffect, ...]
    """Those that matter least first; empty where a projection mixes them."""

    @property
    def units(self) -> int:
        """Number of units compared."""
        return int(self.counts.sum())

    @property
    def agreeing(self) -> int:
        """Units to which the rule gives the vendor's segment."""
        return int(np.trace(self.counts))

    @property
    def share(self) -> float:
        """Share of them."""
        return self.agreeing / self.units

    @property
    def empty(self) -> tuple[str, ...]:
        """Names of the segments that the rule gives to nobody."""
        by_rule = self.counts[:, :-1].sum(axis=0)
        return tuple(name for name, units in zip(self.catalogue.segment_names, by_rule, strict=True) if not units)

    @property
    def hardly_matter(self) -> tuple[FeatureEffect, ...]:
        """Features without which hardly a label would be another one."""
        return tuple(effect for effect in self.features if effect.changed < HARDLY)

    @property
    def look_reversed(self) -> tuple[FeatureEffect, ...]:
        """Features with which clearly more of the vendor's labels would come out if they were turned about; the best first."""
        better = [effect for effect in self.features if effect.agreement_if_turned >= self.share + HARDLY]
        return tuple(sorted(better, key=lambda effect: -effect.agreement_if_turned))

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        names = self.catalogue.segment_names
        return {
            "units": self.units,
            "agreeing": self.agreeing,
            "agreement": self.share,
            "without_label": self.without_label,
            "by_vendor_and_rule": {
                vendor: dict(zip([*names, "none"], row, strict=True))
                for vendor, row in zip(names, self.counts.tolist(), strict=True)
            },
            "empty": list(self.empty),
            "hardly_matter": [effect.name for effect in self.hardly_matter],
            "look_reversed": [effect.name for effect in self.look_reversed],
            "differences": [
                {"id": one.unit_id, "by_vendor": one.by_vendor, "by_rule": one.by_rule, "gap": one.gap}
                for one in self.differences
            ],
        }


def compare_with_vendor(units: pd.DataFrame, catalogue: Catalogue) -> Agreement:
    """Label units by the catalogue's own centroids, and compare with the segments that the vendor gave.

    Parameters
    ----------
    units : DataFrame
        With unit_id, the features and segment, as `dtc_data.surveys.read_survey_file` returns them.
    catalogue : Catalogue

    Raises
    ------
    SurveyFileError
        If no unit has a segment from the vendor.
    AnswersError
        If an answer is too large to be labelled.
    """
    known = units[units[SEGMENT].notna()]
    if known.empty:
        raise SurveyFileError(
            f"there is nothing to compare with: no {catalogue.words.unit} has a {catalogue.words.segment} from the vendor. "
            f"Name the column (LABEL=…, by default {catalogue.file_segment_column!r}) with ids or codes of the catalogue's {catalogue.words.segments}"
        )
    model = SegmentModel.from_catalogue(catalogue)
    answers = answer_matrix(known, catalogue.features)
    positions = model.nearest(answers, catalogue.minimum_answered)
    vendor = pd.Index(catalogue.segment_ids).get_indexer(pd.Index(known[SEGMENT].astype("int64")))
    counts = np.zeros((len(catalogue.segments), len(catalogue.segments) + 1), dtype=np.int64)
    np.add.at(counts, (vendor, positions), 1)  # INCOMPLETE leads to the last column
    squares, effects = _squares_and_effects(model, answers, vendor, positions)
    return Agreement(
        catalogue=catalogue,
        without_label=len(units) - len(known),
        counts=counts,
        differences=_differences(known, catalogue, squares, vendor, positions),
        features=effects,
    )


def _differences(
    known: pd.DataFrame,
    catalogue: Catalogue,
    squares: FloatArray,
    vendor: npt.NDArray[np.intp],
    positions: npt.NDArray[np.intp],
) -> tuple[Difference, ...]:
    names, ids, distances = catalogue.segment_names, known[UNIT_ID].tolist(), np.sqrt(squares)
    found = []
    for row in np.flatnonzero(vendor != positions).tolist():
        theirs, ours = int(vendor[row]), int(positions[row])
        if ours == INCOMPLETE:
            found.append(Difference(str(ids[row]), names[theirs], None, float("nan")))
            continue
        far, near = distances[row, theirs], distances[row, ours]
        found.append(Difference(str(ids[row]), names[theirs], names[ours], float((far - near) / far) if far else 0.0))
    return tuple(sorted(found, key=lambda one: (np.isnan(one.gap), one.gap)))


def _squares_and_effects(
    model: SegmentModel, answers: FloatArray, vendor: npt.NDArray[np.intp], positions: npt.NDArray[np.intp]
) -> tuple[FloatArray, tuple[FeatureEffect, ...]]:
    """Return squared distances, ``(n_units, n_segments)``, and what each feature does."""
    missing = missing_answers(answers, 1)
    n_features, known = answers.shape[1], positions != INCOMPLETE
    squares = np.empty((len(answers), len(model.segment_ids)))
    changed, agreeing = np.zeros(n_features), np.zeros(n_features)
    turned = model.squares_by_feature(_turned(model, answers), missing)
    for (rows, parts), (_, turned_parts) in zip(model.squares_by_feature(answers, missing), turned, strict=True):
        total = parts.sum(axis=0)
        squares[rows] = total.T
        for feature in range(n_features):
            without = total - parts[feature]
            changed[feature] += np.count_nonzero((without.argmin(axis=0) != positions[rows]) & known[rows])
            nearest = (without + turned_parts[feature]).argmin(axis=0)
            agreeing[feature] += np.count_nonzero((nearest == vendor[rows]) & known[rows])
    if model.encoder.projection is not None:
        return squares, ()
    effects = [
        FeatureEffect(name, float(left_out) / len(answers), float(same) / len(answers))
        for name, left_out, same in zip(model.feature_names, changed, agreeing, strict=True)
    ]
    return squares, tuple(sorted(effects, key=lambda effect: effect.changed))


def _turned(model: SegmentModel, answers: FloatArray) -> FloatArray:
    """Return answers turned about, within their range where it is known, else within the answers themselves."""
    turned = answers.copy()
    for position, feature in enumerate(model.encoder.features):
        if feature.type == "category" or np.isnan(answers[:, position]).all():
            continue
        ends = np.nanmin(answers[:, position]) + np.nanmax(answers[:, position])
        turned[:, position] = (feature.turning_point or ends) - answers[:, position]
    return turned
