import re
from dataclasses import replace

from dtc_data.catalogue import Words
from dtc_monitoring.alerts.messages import check_failed_alert, retraining_failed_alert, run_alert
from dtc_monitoring.report.report_content import Finding
from dtc_monitoring.report.wording import LISTED
from dtc_monitoring.verdict import Evidence
from dtc_monitoring.verdict.what_decides import reason
from fakes.run_content import DRIFT, MIX_SHIFT, SEGMENTS, STABLE, WAITING, content, part


def test_a_drift_alert_says_what_how_sure_for_whom_what_was_done_what_to_decide_and_where_to_look() -> None:
    text = run_alert(DRIFT)
    assert "Wave 2025-03 (480 respondents) was compared with the reference wave 2025-01 (500 respondents)." in text
    assert part(text, "What changed") == "• price: answers lie 0.4 spreads higher"
    assert (
        part(text, "How sure") == "If nothing had changed, at most 1% of such checks would give this alarm by chance."
    )
    assert "Green Greta: 33% → 70% of respondents; its respondents fit less well" in part(text, "Affected personas")
    assert "version 3 of persona_model. It waits for your decision. Version 2 stays in production." in text
    assert "This speaks against it:\n• Green Greta lies 1.40 spreads from where it is" in part(text, "What was done")
    assert part(text, "What you decide").startswith("Should version 3 replace version 2? Press Approve or Reject")
    assert DRIFT.report_url in part(text, "Where to look")


def test_a_drift_alert_names_the_features_that_differ_over_all_segments() -> None:
    drifted = replace(DRIFT, drifted_columns=("price", "visits"))
    assert "Over all personas, other values of price, visits\n" in run_alert(drifted)
    assert "other values of the price, visits\n" in run_alert(replace(drifted, titles={"price": "the price"}))
    many = replace(DRIFT, drifted_columns=tuple(f"q{number}" for number in range(30)))
    assert "q11 and 18 more\n" in run_alert(many)
    assert "Over all personas" not in run_alert(replace(drifted, status="mix_shift"))


def test_what_does_not_count_towards_the_verdict_is_no_change() -> None:
    assert "at most a point" not in run_alert(DRIFT)
    assert part(run_alert(STABLE), "What changed") == "Nothing beyond what chance explains."


def test_missing_answers_are_a_warning_with_any_verdict() -> None:
    gaps = Evidence("missing", "price", "20% left price out; it was 0% before.", flagged=True, p_value=1e-9)
    for told in (DRIFT, MIX_SHIFT, STABLE):
        text = run_alert(replace(told, evidence=(*told.evidence, gaps)))
        assert "• Warning: 20% left price out" in part(text, "What changed")


def test_what_chance_brings_about_among_so_many_does_not_contradict_a_quiet_verdict() -> None:
    text = run_alert(replace(STABLE, evidence=DRIFT.evidence))
    assert part(text, "What changed") == "Nothing beyond what chance explains."


def test_single_findings_are_told_rather_than_those_of_all_features_together() -> None:
    together = Evidence(
        "features", "all features of Busy Bea", "Features together", flagged=True, scope="all", p_value=0.0
    )
    assert "Features together" not in run_alert(content(evidence=(together, *DRIFT.evidence)))
    assert "• Features together" in run_alert(content(evidence=(together,)))


def test_of_the_percentiles_that_units_exceed_one_is_told() -> None:
    beyond = tuple(
        Evidence("fit", f"beyond the {n}th percentile", f"some lie beyond {n}", flagged=True, scope="tail", p_value=p)
        for n, p in ((90, 1e-9), (95, 1e-3), (99, 1e-20))
    )
    assert part(run_alert(content(evidence=beyond)), "What changed") == "• Some lie beyond 99"


def test_the_reason_is_one_phrase_about_what_the_verdict_rests_on() -> None:
    assert reason(DRIFT.status, DRIFT.evidence) == "price: answers lie 0.4 spreads higher"
    tail = Evidence(
        "fit", "beyond the 90th percentile", "75% lie further away.", flagged=True, scope="tail", p_value=0.0
    )
    assert reason("drift", (tail,)) == "75% lie further away"
    assert reason("drift", (tail, *DRIFT.evidence)) == reason("drift", DRIFT.evidence)
    assert reason("mix_shift", MIX_SHIFT.evidence) == "Bea grew from 33% to 50%"
    assert reason("stable", DRIFT.evidence) == "nothing beyond what chance explains"
    assert reason("drift", ()) == "no evidence was kept"


def test_a_change_that_only_concerns_a_segment_s_fit_is_still_told() -> None:
    assert part(run_alert(content(evidence=DRIFT.evidence[1:2])), "What changed").startswith("• Respondents of Green")


def test_missing_answers_in_training_are_told() -> None:
    gaps = "fitted on 997 of 1,000 respondents; 50 of them left answers out and count by the others"
    text = run_alert(content(candidate=replace(WAITING, fitted_on=gaps)))
    assert f"version 3 of persona_model. It was {gaps}. It waits for your decision." in part(text, "What was done")
    assert "fitted on" not in run_alert(DRIFT)


def test_a_sweep_that_ended_early_is_told() -> None:
    end = "the sweep ended at k = 7 instead of k = 10, since the wave holds only 8 distinct sets of answers"
    text = run_alert(content(candidate=replace(WAITING, sweep_end=end)))
    assert f"version 3 of persona_model. T{end[1:]}. It waits for your decision." in part(text, "What was done")
    assert "the sweep ended" not in run_alert(DRIFT).lower()


def test_what_the_segments_became_comes_first_so_that_it_is_never_cut_off() -> None:
    moved = [replace(WAITING.gate[0], words=f"{name} lies elsewhere", segment=name) for name in SEGMENTS * 3]
    merged = Finding("Theo and Bea have merged", passed=False, name="segments", value=1, limit=0)
    text = run_alert(content(candidate=replace(WAITING, gate=(*moved, merged))))
    assert "This speaks against it:\n• Theo and Bea have merged\n" in text
    back = Finding("version 3 was taken back by Ada", passed=False, name="taken_back")
    text = run_alert(content(candidate=replace(WAITING, outcome="taken_back", gate=(back, *moved, merged))))
    assert "production.\n• Version 3 was taken back by Ada\n• Theo and Bea have merged\n" in text


def test_that_a_segment_crept_is_told_only_where_it_did_not_move_too_far_at_once() -> None:
    crept = [replace(WAITING.gate[0], words=f"{name} crept", name="crept", segment=name) for name in SEGMENTS]
    told = part(run_alert(content(candidate=replace(WAITING, gate=(*WAITING.gate, *crept)))), "What was done")
    assert "Busy Bea crept" in told
    assert "Green Greta crept" not in told


def test_shares_are_told_once() -> None:
    together = Evidence(
        "mix", "all personas", "Theo: 1% before, 9% now; Bea: 9% before, 1% now", flagged=True, scope="all"
    )
    single = Evidence("mix", SEGMENTS[0], "Theo: 1% before, 9% now", flagged=True, scope="segment")
    assert part(run_alert(content(evidence=(together, single))), "What changed") == "• Theo: 1% before, 9% now"
    assert part(run_alert(content(evidence=(together,))), "What changed") == f"• {together.words}"


def test_a_change_of_the_mix_alone_says_that_nothing_was_trained_and_nothing_must_be_done() -> None:
    text = run_alert(MIX_SHIFT)
    assert text.startswith("Mix shift: respondents still fit the personas")
    assert part(text, "What changed") == "• Bea grew from 33% to 50%"
    assert part(text, "What was done") == "Nothing was trained. Version 2 stays in production."
    assert "Tell those who plan with the shares of the personas." in text


def test_no_drift_says_so_and_leaves_nothing_to_decide() -> None:
    text = run_alert(STABLE)
    assert text.startswith("No drift: respondents are as before")
    assert part(text, "What you decide") == "Nothing."
    assert "How sure" not in text


def test_a_failed_check_is_no_all_clear() -> None:
    text = check_failed_alert("2025-01", "2025-03", "column 'price' holds no answers")
    assert text.startswith("The check failed: we do not know whether there is drift\n")
    assert part(text, "What went wrong") == "column 'price' holds no answers"
    assert "this is not an all-clear" in text


def test_a_failed_check_without_words_is_told_all_the_same() -> None:
    text = check_failed_alert("2025-01", "2025-03", " ")
    assert "ended with an error without a message" in text


def test_a_very_long_error_leaves_room_for_what_people_decide() -> None:
    for text in (
        check_failed_alert("2025-01", "2025-03", "ü🚨 " * 9000),
        retraining_failed_alert("2025-01", "2025-03", "ü🚨" * 9000),
    ):
        assert "(cut)" in part(text, "What went wrong")
        assert part(text, "What you decide").startswith("Fix the cause")


def test_drift_without_a_new_version_is_told_as_both() -> None:
    text = retraining_failed_alert("2025-01", "2025-03", "MLflow broke off")
    assert text.startswith("Drift, and the retraining failed\n")
    assert "Wave 2025-03 has drifted from the reference wave 2025-01" in text
    assert part(text, "What went wrong") == "MLflow broke off"


def test_the_first_line_can_be_set() -> None:
    assert run_alert(DRIFT, "Attention please").startswith("Attention please\n")


def test_the_headline_says_that_fit_is_worse_only_where_it_is() -> None:
    answers, worse = DRIFT.evidence[0], DRIFT.evidence[1]
    nearer = replace(worse, effect=-0.5)
    assert run_alert(content(evidence=(answers, worse))).startswith("Drift: respondents no longer fit the personas")
    for findings in ((answers,), (answers, nearer)):
        assert run_alert(content(evidence=findings)).startswith(
            "Drift: respondents of the same persona differ from before"
        )


def test_every_alert_names_the_survey() -> None:
    texts = (
        run_alert(content(survey="Winter tourists")),
        check_failed_alert("2025-01", "2025-03", "no answers", survey="Winter tourists"),
        retraining_failed_alert("2025-01", "2025-03", "MLflow broke off", "Winter tourists"),
    )
    assert all("\n\nWinter tourists, wave 2025-03" in text for text in texts)


def test_an_unknown_production_version_is_said_so() -> None:
    assert "No version is known to be in production." in run_alert(replace(STABLE, production_version=None))


def test_many_changes_are_summed_up_the_clearest_first_and_the_links_stay_in_the_message() -> None:
    findings = tuple(
        Evidence("features", f"q{n}", f"q{n} changed " + "w" * 300, flagged=True, p_value=1 / (n + 2))
        for n in range(40)
    )
    text = run_alert(content(evidence=findings))
    assert "• q39 changed" in text.split("\n")[5]
    assert f"and {40 - LISTED} more, see the report" in text
    assert text.endswith(DRIFT.evidently_url)


def test_a_message_speaks_of_units_and_segments_by_the_words_of_the_catalogue() -> None:
    words = Words("customer", "customers", "segment", "segments")
    for told in (DRIFT, MIX_SHIFT, STABLE, content(candidate=WAITING)):
        text = run_alert(replace(told, words=words, evidence=()))
        assert "customers" in text
        assert ("Shares of the segments\n" if told.status == "stable" else "Affected segments\n") in text
        assert not re.search("respondent|persona(?!_model)", text)
