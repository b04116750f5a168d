import dataclasses

import numpy as np
import numpy.typing as npt
import pytest
from dtc_data import Catalogue, Wave
from dtc_model.rule import SegmentModel
from dtc_monitoring.history.share_change import Shares, change_between, split_change
from dtc_monitoring.history.stored_labels import VENDOR, LabelledWave
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

FEBRUARY, MARCH = Wave(2025, 2), Wave(2025, 3)
Floats = npt.NDArray[np.float64]

THRIFTY, GREEN = [1.0, 2.0, 30.0], [4.0, 5.0, 10.0]
"""Answers at the centroids of the small catalogue's personas 7 and 3."""


@pytest.fixture
def first(small_catalogue: Catalogue) -> SegmentModel:
    return SegmentModel.from_catalogue(small_catalogue)


@pytest.fixture
def swapped(first: SegmentModel) -> SegmentModel:
    """A model that gives each persona's respondents to the other."""
    return SegmentModel.of_numbers(
        first.feature_names, first.encoder.scales, first.centroids[::-1], first.segment_ids, first.segment_names
    )


def labelled(
    catalogue: Catalogue, wave: Wave, answers: list[list[float]], model: SegmentModel, version: str
) -> LabelledWave:
    matrix = np.array(answers)
    versions = np.array([version] * len(matrix), dtype=object)
    return LabelledWave(wave, catalogue, len(matrix), matrix, model.label(matrix), versions)


class TestSplit:
    @given(st.data())
    def test_the_two_parts_sum_to_the_change(self, data: st.DataObject) -> None:
        k = data.draw(st.integers(2, 8))
        shares = arrays(np.float64, k, elements=st.floats(0, 1))
        before, after = (Shares(data.draw(shares), data.draw(shares)) for _ in range(2))
        people, model = split_change(before, after)
        np.testing.assert_allclose(people + model, after.stored - before.stored, atol=1e-12)

    @given(seed=st.integers(0, 10_000), k=st.integers(2, 8))
    def test_between_two_versions_it_is_the_document_s_formula(self, seed: int, k: int) -> None:
        """People: wave t+1 under a minus wave t under a. Model: wave t+1 under b minus under a."""
        random = np.random.default_rng(seed)
        old, new_under_old, new = (random.dirichlet(np.ones(k)) for _ in range(3))
        people, model = split_change(Shares(old, old), Shares(new, new_under_old))
        np.testing.assert_array_equal(people, new_under_old - old)
        np.testing.assert_array_equal(model, new - new_under_old)


class TestChange:
    def test_other_people_under_the_same_version_are_only_people(
        self, small_catalogue: Catalogue, first: SegmentModel
    ) -> None:
        before = labelled(small_catalogue, FEBRUARY, [THRIFTY, THRIFTY, GREEN, GREEN], first, "1")
        after = labelled(small_catalogue, MARCH, [THRIFTY, THRIFTY, THRIFTY, GREEN], first, "1")
        change = change_between(before, after, first, "")
        assert change.people == change.total == {"Thrifty Theo": 0.25, "Green Greta": -0.25}
        assert change.model == {"Thrifty Theo": 0, "Green Greta": 0}

    def test_the_same_people_under_another_version_are_only_model(
        self, small_catalogue: Catalogue, first: SegmentModel, swapped: SegmentModel
    ) -> None:
        before = labelled(small_catalogue, FEBRUARY, [THRIFTY, THRIFTY, THRIFTY, GREEN], first, "1")
        after = labelled(small_catalogue, MARCH, [THRIFTY, THRIFTY, THRIFTY, GREEN], swapped, "2")
        change = change_between(before, after, first, "")
        assert change.model == change.total == {"Thrifty Theo": -0.5, "Green Greta": 0.5}
        assert change.people == {"Thrifty Theo": 0, "Green Greta": 0}

    def test_changes_that_cancel_are_seen(
        self, small_catalogue: Catalogue, first: SegmentModel, swapped: SegmentModel
    ) -> None:
        before = labelled(small_catalogue, FEBRUARY, [THRIFTY, THRIFTY, THRIFTY, GREEN], first, "1")
        after = labelled(small_catalogue, MARCH, [THRIFTY, GREEN, GREEN, GREEN], swapped, "2")
        change = change_between(before, after, first, "")
        assert change.total == {"Thrifty Theo": 0, "Green Greta": 0}
        assert change.people == {"Thrifty Theo": -0.5, "Green Greta": 0.5}
        assert change.model == {"Thrifty Theo": 0.5, "Green Greta": -0.5}

    def test_a_vendor_who_did_not_label_by_the_nearest_centroid_changed_no_people(
        self, small_catalogue: Catalogue, first: SegmentModel, swapped: SegmentModel
    ) -> None:
        before = labelled(small_catalogue, FEBRUARY, [THRIFTY, THRIFTY, THRIFTY, GREEN], swapped, VENDOR)
        after = labelled(small_catalogue, MARCH, [THRIFTY, THRIFTY, THRIFTY, GREEN], first, "1")
        change = change_between(before, after, first, "")
        assert change.people == {"Thrifty Theo": 0, "Green Greta": 0}
        assert change.model == change.total == {"Thrifty Theo": 0.5, "Green Greta": -0.5}

    def test_without_the_earlier_model_nothing_is_guessed(
        self, small_catalogue: Catalogue, first: SegmentModel
    ) -> None:
        before = labelled(small_catalogue, FEBRUARY, [THRIFTY, GREEN], first, "1")
        after = labelled(small_catalogue, MARCH, [THRIFTY, THRIFTY], first, "2")
        change = change_between(before, after, None, "version 1 was deleted")
        assert change.total == {"Thrifty Theo": 0.5, "Green Greta": -0.5}
        assert (change.people, change.model, change.problem) == (None, None, "version 1 was deleted")


def test_shares_and_distances_count_weights(small_catalogue: Catalogue, first: SegmentModel) -> None:
    wave = labelled(small_catalogue, MARCH, [[1.0, 2.0, 30.0], [4.0, 5.0, 10.0], [4.0, 5.0, 20.0]], first, "1")
    weighted = dataclasses.replace(wave, weights=np.array([2.0, 1.5, 0.5]))
    assert weighted.shares() == pytest.approx([0.5, 0.5])
    assert weighted.shares_under(first) == pytest.approx([0.5, 0.5])
    assert weighted.mean_distance(lambda _: first) == pytest.approx(0.5 / 4)
    assert wave.mean_distance(lambda _: first) == pytest.approx(1 / 3)
