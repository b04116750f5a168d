"""What the drift check learns from the reference wave before it compares."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from dtc_model.rule import SegmentModel

from dtc_monitoring.reference.directions import Directions
from dtc_monitoring.reference.new_groups import NewGroups
from dtc_monitoring.reference.segment_distances import SegmentDistances, squared_distances
from dtc_monitoring.reference.segment_shapes import AnswerColumns, SegmentShapes
from dtc_monitoring.reference.wave_answers import WaveAnswers

LEARNED_FROM: Final = 20_000
"""Respondents of a wave from which shapes and distances are learned, evenly spread over its rows."""
LARGEST_SEARCHED: Final = 5_000
"""Respondents of both waves together up to which new groups are looked for; more would take seconds."""
_CHUNK: Final = 4_096
"""Respondents taken at a time: their directions stay in the processor's cache, and a million needs little memory."""


def learn(reference: WaveAnswers, current: WaveAnswers, model: SegmentModel, is_number: Sequence[bool]) -> Directions:
    """Learn what personas look like in the reference wave.

    Parameters
    ----------
    reference, current : WaveAnswers
        Of the current wave only the values that occur are looked at, not who gave them.
    model : SegmentModel
        The catalogue's centroids.
    is_number : sequence of bool
        Per feature, whether its answers count as numbers and not as a few values.
    """
    looked_at = reference.evenly(LEARNED_FROM)
    answers, weights = looked_at.values, looked_at.weight_of_each
    others = current.evenly(LEARNED_FROM).values
    columns = AnswerColumns.of((answers, others), is_number, model.encoder.features)
    nearest = squared_distances(model, answers).argmin(axis=1)
    shapes = SegmentShapes.learn(columns, answers, weights, model.centroids, nearest)
    distances = SegmentDistances.measure(model, answers, shapes.memberships(answers) * weights[:, None])
    incomplete = np.isnan(reference.values).any(axis=0) | np.isnan(current.values).any(axis=0)
    gaps = np.flatnonzero([incomplete[score.feature] for score in columns.scores])
    directions = Directions.of(shapes, distances, answers, None if reference.weights is None else weights, gaps)
    if len(reference) + len(current) > LARGEST_SEARCHED:
        return directions
    return replace(directions, new_groups=_new_groups(columns, (reference, current), model))


def _new_groups(columns: AnswerColumns, waves: Sequence[WaveAnswers], model: SegmentModel) -> NewGroups:
    """Look around respondents of both waves, beside personas learned from both."""
    answers = np.concatenate([wave.values for wave in waves])
    weights = np.concatenate([wave.weight_of_each for wave in waves])
    nearest = squared_distances(model, answers).argmin(axis=1)
    return NewGroups.around(SegmentShapes.learn(columns, answers, weights, model.centroids, nearest), answers)


def chunks(n_rows: int) -> Iterator[slice]:
    """Cut rows into chunks."""
    for start in range(0, n_rows, _CHUNK):
        yield slice(start, min(start + _CHUNK, n_rows))
