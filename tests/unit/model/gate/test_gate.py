"""What passes the gate and what does not, on simulated waves."""

import json

import numpy as np
import numpy.typing as npt
import pytest
from dtc_data import Catalogue
from dtc_data.surveys import read_survey_file
from dtc_model.discovery import find_segment_changes, match_segments, run_sweep
from dtc_model.gate import GateReport, compare_models, judge
from dtc_model.gate.side_by_side import ModelComparison
from dtc_model.rule import SegmentModel
from dtc_model.settings import GateSettings
from fakes.shared_data import WINTER_TOURISTS, needs_winter_tourists, winter_tourists
from fakes.waves import JANUARY, MARCH, answers_around

Floats = npt.NDArray[np.float64]


def compared(
    catalogue: Catalogue, candidate: SegmentModel, current: Floats, **options: SegmentModel
) -> ModelComparison:
    vendor = SegmentModel.from_catalogue(catalogue)
    return compare_models(
        candidate,
        options.get("production", vendor),
        options.get("approved", vendor),
        answers_around(catalogue.centroids, *JANUARY),
        current,
        minimum_answered=catalogue.minimum_answered,
        n_bootstraps=20,
        seed=42,
    )


def trained(catalogue: Catalogue, answers: Floats, k: int = 3) -> SegmentModel:
    return match_segments(run_sweep(answers, catalogue, ks=[k]).entry(k).centroids, catalogue).to_model(catalogue, {})


def gate(
    catalogue: Catalogue, current: Floats, *, k: int = 3, best_k: int = 3, limits: dict[str, float] | None = None
) -> GateReport:
    candidate, production = trained(catalogue, current, k), SegmentModel.from_catalogue(catalogue)
    comparison = compared(catalogue, candidate, current)
    segment_changes = find_segment_changes(
        production,
        answers_around(catalogue.centroids, *JANUARY),
        current,
        spread=comparison.spread,
        smallest_share=0.02,
        stability=0.75,
        n_bootstraps=20,
        words=catalogue.words,
    )
    return judge(
        candidate,
        production,
        comparison,
        segment_changes,
        GateSettings.model_validate(limits or {}),
        best_k=best_k,
        words=catalogue.words,
    )


def stopped_by(report: GateReport) -> set[str]:
    return {finding.name for finding in report.findings if not finding.passed}


def test_the_shipped_march_passes(catalogue: Catalogue) -> None:
    report = gate(catalogue, answers_around(catalogue.centroids, *MARCH))
    assert stopped_by(report) == set()
    assert report.passed
    moved = {found.segment: found.value for found in report.findings if found.name == "moved"}
    assert set(moved) == set(catalogue.segment_names)
    assert max(moved.values()) < 0.4


def test_a_segment_that_stayed_is_said_to_lie_where_it_was_and_nobody_s_approval_is_made_up(
    catalogue: Catalogue,
) -> None:
    report = gate(catalogue, answers_around(catalogue.centroids, *MARCH))
    words = {(found.name, found.segment): found.words for found in report.findings}
    assert not any(" 0.00 " in text for text in words.values())
    for name in catalogue.segment_names:
        assert "it is in production" in words["moved", name]
        assert "the catalogue has it" in words["crept", name]


@pytest.mark.parametrize("seed", range(4, 8))
@pytest.mark.parametrize("counts", [[167, 167, 166], [300, 150, 50]])
def test_other_waves_of_the_same_segments_pass(catalogue: Catalogue, counts: list[int], seed: int) -> None:
    assert gate(catalogue, answers_around(catalogue.centroids, 3.1, seed, counts)).passed


@pytest.mark.parametrize("seed", range(4))
def test_a_segment_that_moved_by_one_spread_in_three_features_is_stopped_by_name(
    catalogue: Catalogue, seed: int
) -> None:
    centres = catalogue.centroids.copy()
    centres[1, :3] += 2.0
    report = gate(catalogue, answers_around(centres, 2.0, seed))
    assert {found.segment for found in report.findings if found.name == "moved" and not found.passed} == {
        "Eco-Conscious Haley"
    }
    assert "Eco-Conscious Haley lies" in report.objections
    assert "Sustainable Steve" not in report.objections


@needs_winter_tourists
def test_real_answers_whose_groups_do_not_come_back_are_stopped() -> None:
    winter = winter_tourists()
    survey = read_survey_file(WINTER_TOURISTS / "survey.csv", winter)
    answers = survey[list(winter.feature_names)].to_numpy()
    reference, current = (answers[survey["date"].dt.month == month] for month in (1, 2))
    candidate, production = trained(winter, current), SegmentModel.from_catalogue(winter)
    found = compare_models(
        candidate, production, production, reference, current, minimum_answered=None, n_bootstraps=20, seed=42
    )
    assert stopped_by(judge(candidate, production, found, [], GateSettings(), best_k=2)) == {"stability"}


def test_movement_is_measured_in_spreads_of_the_segment(catalogue: Catalogue) -> None:
    centres = catalogue.centroids.copy()
    centres[2, 0] += 4.0
    candidate = SegmentModel.from_catalogue(catalogue)
    moved = match_segments(centres, catalogue).to_model(catalogue, {})
    found = compared(catalogue, moved, answers_around(centres, *JANUARY)).moved
    assert found.tolist() == pytest.approx([0, 0, 2], abs=0.05)  # January's standard deviation is 2
    assert compared(catalogue, candidate, answers_around(centres, *JANUARY)).moved.tolist() == [0, 0, 0]


def test_what_chance_moves_in_a_small_segment_is_no_movement(catalogue: Catalogue) -> None:
    origins = np.repeat([0, 1, 2], [100, 100, 25])
    found = []
    for seed in range(20):
        answers = catalogue.centroids[origins] + np.random.default_rng(seed).normal(0, 3.1, (225, 10))
        means = [answers[origins == segment].mean(axis=0) for segment in range(3)]
        model = match_segments(means, catalogue).to_model(catalogue, {})
        found.append(compared(catalogue, model, answers).moved[2])
    assert np.mean(found) < 0.5  # without the correction about 1, the limit
    assert np.mean(np.array(found) > 1) <= 0.1


def test_many_small_movements_add_up_until_a_person_approves(catalogue: Catalogue) -> None:
    moved = [catalogue.centroids + step * np.eye(10)[0] for step in (2.5, 4.0)]
    production, candidate = (match_segments(centres, catalogue).to_model(catalogue, {}) for centres in moved)
    current = answers_around(moved[1], *JANUARY)
    found = compared(catalogue, candidate, current, production=production)
    assert max(found.moved) < 1
    assert min(found.crept) > 1.5
    report = judge(candidate, production, found, [], GateSettings(), best_k=3)
    assert stopped_by(report) == {"crept"}
    approved = compared(catalogue, candidate, current, production=production, approved=production)
    report = judge(candidate, production, approved, [], GateSettings(), best_k=3, approved_version="2")
    assert report.passed
    assert all("a person last approved it" in found.words for found in report.findings if found.name == "crept")


def test_a_new_segment_stops_a_candidate_in_words(catalogue: Catalogue) -> None:
    centres = np.vstack([catalogue.centroids, np.full(10, 9.0)])
    report = gate(catalogue, answers_around(centres, 2.0, 1, [150, 150, 140, 60]))
    assert "segments" in stopped_by(report)
    assert "12% of respondents form a group that no persona describes" in report.objections


def test_clusters_that_do_not_come_back_stop_it(catalogue: Catalogue) -> None:
    answers = np.random.default_rng(1).normal(0, 5, (500, 10))  # one cloud without any groups
    assert {"stability", "moved", "relabelled_share"} <= stopped_by(gate(catalogue, answers))


@pytest.mark.parametrize(("k", "words"), [(2, "no cluster stands for"), (5, "2 clusters stand for no persona")])
def test_segments_and_clusters_that_do_not_go_together_stop_it(catalogue: Catalogue, k: int, words: str) -> None:
    report = gate(catalogue, answers_around(catalogue.centroids, *MARCH), k=k)
    assert "matching" in stopped_by(report)
    assert words in report.objections


def test_a_tiny_segment_stops_it(catalogue: Catalogue) -> None:
    report = gate(catalogue, answers_around(catalogue.centroids, 2.0, 1, [247, 247, 6]))
    assert "smallest_share" in stopped_by(report)


def test_another_best_k_is_said_and_decides_nothing(catalogue: Catalogue) -> None:
    report = gate(catalogue, answers_around(catalogue.centroids, *MARCH), best_k=2)
    (remark,) = (found for found in report.findings if found.name == "best_k")
    assert (remark.limit, remark.passed, report.passed) == (None, True, True)
    assert "the ratio prefers k = 2; the candidate has k = 3" in remark.words


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        ({"moved": 0.01}, "moved"),
        ({"crept": 0.01}, "crept"),
        ({"relabelled_share": 0.001}, "relabelled_share"),
        ({"rand_index": 0.999}, "rand_index"),
        ({"stability": 0.999}, "stability"),
        ({"fit": 0.9}, "fit"),
        ({"smallest_share": 0.4}, "smallest_share"),
    ],
)
def test_each_limit_is_a_setting(catalogue: Catalogue, limit: dict[str, float], name: str) -> None:
    assert stopped_by(gate(catalogue, answers_around(catalogue.centroids, *MARCH), limits=limit)) == {name}


def test_the_report_is_plain_json_with_figures_for_pictures(catalogue: Catalogue) -> None:
    document = gate(catalogue, answers_around(catalogue.centroids, *MARCH)).to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    segments, transitions = document["profile"]["personas"], document["profile"]["transitions"]
    assert [segment["name"] for segment in segments] == list(catalogue.segment_names)
    assert sum(segment["share"] for segment in segments) == pytest.approx(1)
    assert np.sum(transitions["counts"]) == 500
    for finding in document["findings"]:
        assert set(finding) == {"name", "value", "limit", "passed", "words", "segment"}


def test_units_who_answered_in_part_count_and_those_who_answered_too_little_do_not(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *MARCH)
    answers[0, 0] = np.nan
    answers[1] = np.nan
    vendor = SegmentModel.from_catalogue(catalogue)
    found = compare_models(vendor, vendor, vendor, answers, answers, minimum_answered=8, n_bootstraps=3, seed=1)
    assert found.relabelled.sum() == 499
    assert found.relabelled_share == 0
