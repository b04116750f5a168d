"""All that can be said about how a mixture labelled a unit, beside the label."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dtc_model.rule.detail import NO_FIT_PERCENTILE, LabelStatus
from dtc_model.rule.encoder import FloatArray
from dtc_model.rule.mixture.mixed_features import MixedUnits, read_units
from dtc_model.rule.mixture.mixture_density import posteriors, surprises
from dtc_model.rule.mixture.mixture_model import MixtureModel
from dtc_model.rule.reference_distances import PERCENTILES
from dtc_model.rule.segment_model import INCOMPLETE

_FEWEST_FOR_A_RUNNER_UP = 2


@dataclass(frozen=True, eq=False)
class MixtureDetail:
    """One array per fact, each ``(n_units,)`` but for ``posteriors``; NaN where a fact is unknown or there is no segment."""

    positions: npt.NDArray[np.intp]
    """Position of the most probable segment, `INCOMPLETE` where a unit has too few features."""
    posteriors: FloatArray
    """Probability of each segment, ``(n_units, n_segments)``."""
    probabilities: FloatArray
    """Of the unit's own segment."""
    runner_ups: npt.NDArray[np.intp]
    """Position of the second most probable segment."""
    runner_up_probabilities: FloatArray
    margins: FloatArray
    """Probability of the segment less that of the runner-up."""
    fits: FloatArray
    """Percentile of how unusual the unit is in its segment, among the training units of that segment."""
    answered: npt.NDArray[np.intp]
    """Number of features that the unit has."""
    statuses: npt.NDArray[np.int8]
    """A `LabelStatus` each."""
    notes: tuple[str, ...]
    """What a reader of all these labels should know, in words."""


def describe_mixture(
    model: MixtureModel,
    table: Any,
    minimum_answered: int | None = None,
    no_fit_percentile: float = NO_FIT_PERCENTILE,
) -> MixtureDetail:
    """Label units as `MixtureModel.label` does, and say how sure and how typical each label is.

    Parameters
    ----------
    model : MixtureModel
    table, minimum_answered
        See `MixtureModel.label`.
    no_fit_percentile : float
        Beyond which percentile of the training units a unit does not fit, from 0 to 100.

    Raises
    ------
    AnswersError
        If the units cannot be read.
    """
    units = read_units(table, model.features)
    known = units.present >= max(1, minimum_answered or 1)
    probabilities, _ = posteriors(model.joint(units))
    positions = probabilities.argmax(axis=1)
    runner_ups, second = _runner_ups(probabilities, positions)
    fits = np.where(known, _fits(model, units, positions), np.nan)
    first = np.where(known, probabilities.max(axis=1), np.nan)
    second = np.where(known, second, np.nan)
    return MixtureDetail(
        positions=np.where(known, positions, INCOMPLETE),
        posteriors=probabilities,
        probabilities=first,
        runner_ups=np.where(known, runner_ups, INCOMPLETE),
        runner_up_probabilities=second,
        margins=first - second,
        fits=fits,
        answered=units.present,
        statuses=np.select(
            [~known, fits > no_fit_percentile], [LabelStatus.INCOMPLETE, LabelStatus.NO_FIT], LabelStatus.LABELLED
        ).astype(np.int8),
        notes=_notes(units, known),
    )


def measure_surprises(model: MixtureModel, table: Any) -> MixtureModel:
    """Return the model with how unusual these units are in their segments, against which it tells later ones' fit."""
    units = read_units(table, model.features)
    positions = np.where(units.present > 0, model.joint(units).argmax(axis=1), INCOMPLETE)
    found = surprises(model.parameters, model.projected(units), np.maximum(positions, 0))
    own = [found[(positions == segment) & ~np.isnan(found)] for segment in range(len(model.segment_ids))]
    return replace(model, surprises=tuple(np.percentile(part, PERCENTILES) if len(part) else None for part in own))


def _runner_ups(probabilities: FloatArray, positions: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], FloatArray]:
    n_units, n_segments = probabilities.shape
    if n_segments < _FEWEST_FOR_A_RUNNER_UP:
        return np.full(n_units, INCOMPLETE), np.full(n_units, np.nan)
    others = probabilities.copy()
    others[np.arange(n_units), positions] = -1.0
    runner_ups = others.argmax(axis=1)
    return runner_ups, probabilities[np.arange(n_units), runner_ups]


def _fits(model: MixtureModel, units: MixedUnits, positions: npt.NDArray[np.intp]) -> FloatArray:
    found = surprises(model.parameters, model.projected(units), positions)
    fits = np.full(len(positions), np.nan)
    for segment, quantiles in enumerate(model.surprises):
        if quantiles is not None:
            own = positions == segment
            fits[own] = np.interp(found[own], quantiles, PERCENTILES)
    return fits


def _notes(units: MixedUnits, known: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    notes = [unseen.words for unseen in units.unseen]
    if left_out := int((~known).sum()):
        notes.append(f"{left_out:,} of the units have too few features for a label")
    return tuple(notes)
