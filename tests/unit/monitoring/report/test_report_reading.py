import json
from typing import Any

import pytest
from dtc_monitoring.report import read_content
from dtc_monitoring.report.report_content import SegmentMove
from dtc_monitoring.report.report_reading import waves_so_far
from fakes.run_documents import CHECK, PROMOTION

SEGMENTS = ("Thrifty Theo", "Green Greta")


def test_everything_that_the_steps_gave_is_told() -> None:
    content = read_content(json.loads(json.dumps(CHECK)), json.loads(json.dumps(PROMOTION)), segments=SEGMENTS)
    assert (content.status, content.n_current, content.false_alarm_rate) == ("drift", 480, 0.01)
    (flagged,) = content.flagged
    assert (flagged.kind, flagged.effect, flagged.effect_unit, flagged.p_value) == ("features", 0.4, "spreads", 1e-9)
    assert content.current is not None
    assert (content.current.shares["Green Greta"], content.current.fit) == (0.6, 2.25)
    assert content.reference is not None
    assert content.reference.fit == 1.5
    new = content.candidate
    assert new is not None
    assert (new.outcome, new.trained_on, new.figures["silhouette"]) == ("waiting", "2025-03", 0.4175)
    assert new.moves[1] == SegmentMove("Green Greta", 1.9, 1.4, 0.5, 0.6, 0.9)
    assert [finding.passed for finding in new.gate] == [False, True]
    assert new.relabelling is not None
    assert new.relabelling.counts == ((190, 10),)
    assert content.production_version == "1"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"promoted": True, "decision": "promoted"}, "promoted"),
        ({"decision": "waits_for_approval"}, "waiting"),
        ({"promotable": False}, "kept"),
        ({"decision": "in_production", "findings": []}, "unchanged"),
        ({"decision": "rejected"}, "rejected"),
        (
            {
                "decision": "waits_for_approval",
                "findings": [{"name": "taken_back", "passed": False, "words": "by Ada"}],
            },
            "taken_back",
        ),
        (
            {
                "decision": "waits_for_approval",
                "findings": [{"name": "replaced", "passed": False, "words": "by 3"}],
            },
            "replaced",
        ),
    ],
)
def test_only_a_candidate_that_may_be_promoted_waits_for_a_decision(changes: dict[str, Any], outcome: str) -> None:
    candidate = read_content(CHECK, PROMOTION | changes, segments=SEGMENTS).candidate
    assert candidate is not None
    assert candidate.outcome == outcome


def test_a_check_with_nothing_but_waves_and_status_can_be_told() -> None:
    bare = {name: CHECK[name] for name in ("reference_wave", "current_wave", "status")}
    content = read_content(bare, {"version": 2}, segments=SEGMENTS)
    assert (content.evidence, content.production_version) == ((), None)
    assert content.candidate is not None
    assert content.candidate.version == "2"


def test_each_wave_is_told_once_as_its_latest_check_saw_it_and_by_date() -> None:
    def check(wave: str, day: int, share: float) -> dict[str, Any]:
        changes = {"current_wave": wave, "checked_at": f"2025-04-{day:02d}T00:00:00+00:00", "shares": shares(share)}
        return CHECK | changes | {"status": "stable"}

    earlier = [check("2025-04", 2, 0.3), check("2025-02", 4, 0.2), check("2025-02", 3, 0.9), check("2025-01", 5, 0.1)]
    waves = waves_so_far(CHECK, [*earlier, this_run_as_stored(0.99)])
    assert [(wave.wave, wave.status, wave.shares["Thrifty Theo"]) for wave in waves] == [
        ("2025-01", "reference", 0.5),
        ("2025-02", "stable", 0.2),
        ("2025-03", "drift", 0.4),
        ("2025-04", "stable", 0.3),
    ]


def this_run_as_stored(share: float) -> dict[str, Any]:
    """Return a check of the current wave that is stored already, with a later clock."""
    return CHECK | {"checked_at": "2030-01-01T00:00:00+00:00", "shares": shares(share)}


def shares(after: float) -> list[dict[str, Any]]:
    return [{"segment_id": 7, "persona": "Thrifty Theo", "before": 0.5, "after": after}]


def test_without_a_new_model_there_is_no_candidate_and_production_is_what_was_asked() -> None:
    content = read_content(CHECK, None, segments=SEGMENTS, production_version="4")
    assert (content.candidate, content.production_version) == (None, "4")


def test_a_check_of_before_there_was_evidence_is_told_by_its_columns() -> None:
    columns = [{"name": "price", "test": "ks", "statistic": 0.3, "p_value": 1e-9, "drifted": True}]
    old = {name: value for name, value in CHECK.items() if name not in {"evidence", "shares", "false_alarm_rate"}}
    content = read_content(old | {"columns": columns}, segments=SEGMENTS)
    assert [found.words for found in content.flagged] == ["The answers to price changed"]
    assert content.false_alarm_rate is None
