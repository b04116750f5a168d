"""Who belongs to which persona, and how probably."""

import numpy as np
import pytest
from dtc_monitoring.reference.answer_blocks import NOBODY
from dtc_monitoring.reference.segment_shapes import AnswerColumns, SegmentShapes


@pytest.fixture
def shapes() -> SegmentShapes:
    """Two personas in one question, 30 spreads apart."""
    random = np.random.default_rng(7)
    nearest = np.repeat([0, 1], 200)
    answers = np.array([[-15.0], [15.0]])[nearest] + random.normal(size=(400, 1))
    columns = AnswerColumns.of((answers,), [True])
    return SegmentShapes.learn(columns, answers, np.ones(400), np.array([[-15.0], [15.0]]), nearest)


def test_a_unit_about_half_way_belongs_to_both_segments(shapes: SegmentShapes) -> None:
    halfway = np.linspace(-3.0, 3.0, 601)[:, None]
    memberships = shapes.memberships(halfway)
    assert memberships.sum(axis=1) == pytest.approx(1.0)
    assert memberships[0] == pytest.approx([1.0, 0.0], abs=1e-6)
    assert memberships[-1] == pytest.approx([0.0, 1.0], abs=1e-6)
    assert ((memberships > 0.2).sum(axis=1) == 2).any()


def test_whoever_hardly_belongs_to_a_segment_does_not_belong_to_it(shapes: SegmentShapes) -> None:
    memberships = shapes.memberships(np.linspace(-30.0, 30.0, 1_001)[:, None])
    hardly = memberships < 1e-30
    assert set(np.unique(memberships[hardly] > 0)) == {False, True}, "some are small, others nothing"
    assert memberships[memberships > 0].min() >= NOBODY
