"""What the drift check learns from the reference wave before it compares."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from dtc_model.rule import SegmentModel

from dtc_monitoring.reference.directions import Directions, Tails
from dtc_monitoring.reference.new_groups import NewGroups
from dtc_monitoring.reference.segment_distances import SegmentDistances, squared_distances
from dtc_monitoring.reference.segment_shapes import AnswerColumns, SegmentShapes
from dtc_monitoring.reference.wave_answers import WaveAnswers

LEARNED_FROM: Final = 20_000
"""Respondents of a wave from which shapes and distances are learned, evenly spread over its rows."""
LARGEST_SEARCHED: Final = 5_000
"""Respondents of both waves together up to which new groups are looked for; more would take seconds."""


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
    looked_at, others = reference.evenly(LEARNED_FROM), current.evenly(LEARNED_FROM)
    answers, weights = looked_at.values, looked_at.weight_of_each
    squares = squared_distances(model, answers)
    columns = AnswerColumns.of((answers, others.values), is_number, model.encoder.features)
    shapes = SegmentShapes.learn(columns, answers, weights, model.centroids, squares.argmin(axis=1))
    memberships = shapes.memberships(answers)
    distances = SegmentDistances.measure(model, answers, squares, memberships * weights[:, None])
    unusual = (memberships * distances.unusualness(answers, squares)).sum(axis=1)
    tails = Tails.of(unusual, ~np.isnan(answers).any(axis=1), None if reference.weights is None else weights)
    incomplete = np.isnan(reference.values).any(axis=0) | np.isnan(current.values).any(axis=0)
    gaps = np.flatnonzero([incomplete[score.feature] for score in columns.scores])
    directions = Directions(shapes, distances, tails, gaps, present=np.ones(len(model.segment_ids), dtype=np.bool_))
    if len(reference.values) + len(current.values) > LARGEST_SEARCHED:
        return directions
    return replace(directions, new_groups=_new_groups(columns, (reference, current), model))


def _new_groups(columns: AnswerColumns, waves: Sequence[WaveAnswers], model: SegmentModel) -> NewGroups:
    """Look around respondents of both waves, beside personas learned from both."""
    answers = np.concatenate([wave.values for wave in waves])
    weights = np.concatenate([wave.weight_of_each for wave in waves])
    nearest = squared_distances(model, answers).argmin(axis=1)
    return NewGroups.around(SegmentShapes.learn(columns, answers, weights, model.centroids, nearest), answers)
