"""What an alert says is to be decided, and by which way."""

from dataclasses import replace
from pathlib import Path

from dtc_data import Catalogue
from dtc_data.catalogue import Segmentation
from dtc_monitoring.alerts.buttons import decision_buttons
from dtc_monitoring.alerts.messages import check_failed_alert, retraining_failed_alert, run_alert
from dtc_monitoring.report.report_content import Finding
from fakes.run_content import DRIFT, PROMOTED, SEGMENTS, WAITING, content, part
from fakes.served import segmentation


def test_nothing_speaks_against_a_candidate_that_waits_though_the_gate_passed_it() -> None:
    passed = tuple(replace(finding, passed=True) for finding in WAITING.gate)
    told = part(
        run_alert(content(candidate=replace(WAITING, gate=passed, reason="PROMOTION is approve"))), "What was done"
    )
    assert told.endswith("Version 2 stays in production.\n• PROMOTION is approve")


def test_a_candidate_that_was_rejected_while_the_run_was_at_work_leaves_nothing_to_decide() -> None:
    rejected = replace(WAITING, outcome="rejected", reason="version 3 was rejected by Ada: no")
    text = run_alert(content(candidate=rejected))
    assert (
        "a person rejected it while this run was at work. Version 2 stays in production.\n• Version 3 was rejected"
        in text
    )
    assert "What you decide\nNothing: the rejection is final." in text
    assert "promote" not in text
    assert decision_buttons(content(candidate=rejected)) is None


def test_a_version_that_a_later_one_replaced_comes_back_by_a_command_only() -> None:
    gate = (Finding("version 3 was in production before", passed=False, name="replaced"), *WAITING.gate)
    told = content(candidate=replace(WAITING, outcome="replaced", gate=gate), chat=True)
    text = run_alert(told)
    assert "It was in production before, so it does not come back by itself. Version 2 stays in production." in text
    assert part(text, "What you decide").endswith("Only this brings it back: make promote VERSION=3 BY=… WHY=…")
    assert decision_buttons(told) is None


def test_a_promoted_version_leaves_nothing_to_decide_but_can_be_taken_back() -> None:
    text = run_alert(PROMOTED)
    assert "It is in production now instead of version 2. All personas keep their ids and names." in text
    assert part(text, "What you decide") == (
        "Nothing, if the personas in the report still look right to you. Otherwise run make rollback BY=… WHY=…, "
        "or send /rollback."
    )


def test_without_a_chat_nobody_is_told_to_write_to_it_or_to_press_a_button() -> None:
    for told in (PROMOTED, DRIFT):
        text = part(run_alert(replace(told, chat=False)), "What you decide")
        assert "make " in text
        assert "/rollback" not in text
        assert "Press" not in text


def test_a_version_that_nobody_can_promote_is_explained_and_not_put_to_decision() -> None:
    kept = replace(
        WAITING, outcome="kept", gate=(), reason="k = 2 clusters cannot stand for 3 personas", missing=SEGMENTS[:1]
    )
    text = run_alert(content(candidate=kept))
    assert "It is kept for you to look at. Version 2 stays in production." in text
    assert "• No group of respondents stands for Thrifty Theo." in text
    assert "Approve" not in text


def test_a_model_that_is_the_one_in_production_leaves_nothing_to_decide() -> None:
    same = replace(WAITING, version="2", outcome="unchanged", gate=(), trained_on="2025-03")
    text = run_alert(content(candidate=same, chat=True))
    assert part(text, "What was done") == (
        "The model trained from wave 2025-03 is the one in production (version 2): nothing was registered, and nothing "
        "changes."
    )
    assert part(text, "What you decide") == "Nothing."


def test_a_model_that_a_person_took_back_is_told_with_who_and_why_and_the_only_way_back() -> None:
    words = "this is a model that a person took back: version 3 was rejected by Ada on 2025-04-01 09:00 UTC: no"
    gate = (Finding(words, passed=False, name="taken_back"), *WAITING.gate)
    text = run_alert(content(candidate=replace(WAITING, outcome="taken_back", gate=gate), chat=True))
    assert "because a person has rolled this model back before. Version 2 stays in production." in text
    assert "• This is a model that a person took back: version 3 was rejected by Ada" in part(text, "What was done")
    decide = part(text, "What you decide")
    assert decide.endswith("Only this brings the model back: make promote VERSION=3 BY=… WHY=…")
    assert "Approve" not in text


def test_the_commands_of_a_segmentation_act_on_it_as_they_are_typed(catalogue: Catalogue) -> None:
    elsewhere = Segmentation("personas", Path("/my surveys/personas.yaml"), catalogue, is_listed=False)
    waiting, promoted = (replace(told, command=elsewhere.command, chat=False) for told in (DRIFT, PROMOTED))
    approve, take_back = (part(run_alert(told), "What you decide") for told in (waiting, promoted))
    assert "Run make promote SEGMENTATION='/my surveys/personas.yaml' VERSION=3 BY=… WHY=…" in approve
    assert "make rollback SEGMENTATION='/my surveys/personas.yaml' BY=… WHY=…" in take_back
    assert "SEGMENTATION" not in run_alert(DRIFT)
    failed = check_failed_alert("2025-01", "2025-03", "no answers", "Stores", segmentation(catalogue, "stores").command)
    assert failed.endswith(
        "run the check again with make pipeline SEGMENTATION=stores REFERENCE=2025-01 CURRENT=2025-03."
    )
    missed = retraining_failed_alert("2025-01", "2025-03", "x", "Stores", segmentation(catalogue, "stores").command)
    assert "`make versions SEGMENTATION=stores` shows which version labels now" in missed
