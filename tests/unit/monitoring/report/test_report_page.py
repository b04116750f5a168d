"""The report as a page: complete, self-contained, and harmless whatever people call their personas."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from dtc_monitoring.report import ReportContent
from dtc_monitoring.report.profile_chart import DRAWN_FEATURES, RIGHT, WIDTH, profile_charts
from dtc_monitoring.report.report_content import Finding, Profile
from dtc_monitoring.report.report_page import report_html
from dtc_monitoring.verdict import AnswerShares, Evidence
from fakes.run_content import DRIFT, MIX_SHIFT, PROMOTED, STABLE, WAITING, content

VOID = {"meta", "line", "circle", "path", "br", "input", "img", "link"}


class Page(HTMLParser):
    """Collects text, tags and addresses, and notices tags that are not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words += data


def words(told: ReportContent) -> str:
    return " ".join(Page(report_html(told)).words.split())


@pytest.mark.parametrize("told", [DRIFT, PROMOTED, MIX_SHIFT, STABLE])
def test_a_page_is_well_formed_and_needs_neither_internet_nor_scripts(told: ReportContent) -> None:
    html = report_html(told)
    page = Page(html)
    assert page.open == []
    assert {"script", "link", "img", "iframe"}.isdisjoint(page.tags)
    assert page.addresses == [told.evidently_url], "only a link that a person may follow"
    assert re.findall(r"url\(|@import", html) == []


def test_the_report_of_a_drift_holds_verdict_evidence_waves_candidate_and_explanations() -> None:
    text = words(DRIFT)
    for fact in (
        "respondents no longer fit the personas as before",
        "at most 1% of such checks would give this alarm",
        "Respondents of Green Greta lie 52% further away",
        "below 0.0001",
        "does not count towards the verdict (1)",
        "Green Greta lies 1.40 spreads from where it is in production",
        "Which respondents would change persona",
        "Centroids side by side",
        "What the numbers mean",
        "Should version 3 replace version 2?",
    ):
        assert fact in text


def test_every_wave_stands_in_the_page_with_its_verdict_shares_and_fit() -> None:
    text = words(DRIFT)
    assert "2025-02 No drift 30% 40% 30% 6.23 2025-03 Drift 25% 70% 9.60" in text


def test_the_report_gives_every_reason_against_a_candidate_and_never_refers_to_itself() -> None:
    against = tuple(Finding(f"reason {number}", passed=False) for number in range(20))
    text = words(content(candidate=replace(WAITING, gate=against)))
    assert "Reason 19" in text.partition("What you decide")[0]
    assert "see the report" not in text


def test_after_a_promotion_nothing_is_called_a_candidate_against_production() -> None:
    text = words(PROMOTED)
    assert "The new version against the one before" in text
    assert "Which respondents change persona" in text
    assert "would change" not in text


def test_the_evidence_says_which_verdict_each_piece_can_bring_about_and_begins_with_this_one_s() -> None:
    mix = Evidence(
        "mix", "Busy Bea", "Bea grew", flagged=True, effect=0.648, effect_unit="share of respondents", p_value=0
    )
    gaps = Evidence("missing", "price", "20% left price out", flagged=True, p_value=1e-9)
    text = words(content(evidence=(mix, gaps, *DRIFT.evidence)))
    evidence = text.partition("The evidence")[2]
    answers, bea, warning = (evidence.index(part) for part in ("Answers: price", "Busy Bea", "Missing answers"))
    assert max(answers, evidence.index("Fit to the personas")) < min(bea, warning)
    assert "+65 points below 0.0001 Mix shift" in evidence
    assert "+0.40 spreads below 0.0001 Drift" in evidence
    assert "Nothing: a warning" in evidence


def test_the_report_names_the_survey() -> None:
    text = words(content(survey="Winter tourists"))
    assert text.startswith("Drift: Winter tourists, wave 2025-03 against 2025-01")
    assert "Winter tourists, wave 2025-03 (480 respondents) was compared" in text


def test_without_a_candidate_there_is_no_comparison() -> None:
    text = words(STABLE)
    assert "Nothing was trained. Version 2 stays in production." in text
    assert "Candidate against production" not in text
    assert "Silhouette" not in text


def test_a_run_of_which_little_is_known_still_makes_a_page() -> None:
    bare = ReportContent("model", "2025-01", "2025-03", "", "drift", 0, 0, ())
    told = words(bare)
    assert told.startswith("Drift: wave 2025-03 against 2025-01")
    assert "No version is known to be in production." in told


def test_names_from_outside_are_text_and_never_markup() -> None:
    name = "<script>alert(1)</script> & \"Bea\" 'x'"
    people = (name, *DRIFT.segments[1:])
    waves = tuple(replace(w, shares=dict(zip(people, w.shares.values(), strict=True))) for w in DRIFT.waves)
    profiles = (Profile(name, (1.0, 2.0), (2.0, 1.0)), *DRIFT.profiles[1:])
    page = Page(report_html(content(segments=people, waves=waves, profiles=profiles, feature_names=(name, "b"))))
    assert "script" not in page.tags
    assert name in page.words


def test_centroids_are_drawn_on_one_scale_inside_the_drawing() -> None:
    charts = profile_charts(DRIFT)
    assert len({chart.ticks for chart in charts}) == 1
    positions = [x for chart in charts for row in chart.rows for x in (row.production, row.candidate) if x is not None]
    assert len(positions) == 12
    assert charts[0].left <= min(positions) < max(positions) <= WIDTH - RIGHT
    first = charts[0].rows
    assert (first[0].candidate or 0) > (first[0].production or 0), "price rose"
    assert (first[1].candidate or 0) < (first[1].production or 0), "ecology fell"


def test_a_segment_without_counterpart_has_one_mark_only() -> None:
    charts = profile_charts(content(profiles=(*DRIFT.profiles, Profile("unnamed segment 1", None, (9.0, 9.0)))))
    assert [row.production for row in charts[-1].rows] == [None, None]
    assert "unnamed segment 1" in words(content(profiles=(Profile("unnamed segment 1", None, (9.0, 9.0)),)))


def test_of_many_features_those_that_moved_most_are_drawn() -> None:
    n = 100
    after = tuple(1.0 if position % 3 == 0 else 0.001 * position for position in range(n))
    many = content(
        feature_names=tuple(f"question_{position}" for position in range(n)),
        profiles=(Profile("Green Greta", (0.0,) * n, after),),
    )
    (chart,) = profile_charts(many)
    assert len(chart.rows) == DRAWN_FEATURES
    assert all(int(row.name.removeprefix("question_")) % 3 == 0 for row in chart.rows)
    assert f"Drawn are the {DRAWN_FEATURES} of 100 features" in words(many)


@pytest.mark.parametrize("value", [0.0, 5.0, 1e-9, 1e9])
def test_centroids_that_are_all_alike_can_be_drawn(value: float) -> None:
    same = Profile("Green Greta", (value, value), (value, value))
    (chart,) = profile_charts(content(profiles=(same,)))
    assert all(chart.left <= (row.production or 0) <= WIDTH for row in chart.rows)
    assert 3 <= len(chart.ticks) <= 6
    assert all(chart.left - 0.1 <= tick.x <= WIDTH for tick in chart.ticks)


def test_the_scale_tells_its_lines_apart_far_from_zero() -> None:
    far = Profile("Steve", (1e9, 1e9 + 3.0), (1e9 + 1.0, 1e9 + 4.0))
    (chart,) = profile_charts(content(profiles=(far,)))
    assert [tick.label for tick in chart.ticks] == [f"{10**9 + n}" for n in range(0, 5, 2)]


def test_a_model_that_was_in_production_anyway_has_no_part_of_its_own() -> None:
    same = replace(WAITING, version="2", outcome="unchanged", gate=(), segment_changes=())
    told = words(content(candidate=same, profiles=()))
    assert "The model trained from wave 2025-03 is the one in production (version 2)" in told
    assert "Candidate against production" not in told


def test_questions_are_shown_with_their_texts_and_percentages() -> None:
    answers = (
        AnswerShares("price", {"cheap": 0.25, "dear": 0.75}, {"cheap": 0.5, "dear": 0.5}),
        AnswerShares("age", {}, {}, 40.0, 44.5),
    )
    questions = {"price": "What should <it> cost?", "age": "How old are you?"}

    text = words(replace(DRIFT, answers=answers, questions=questions))

    assert "Answers: priceWhat should <it> cost?" in text  # a line break stands between them
    assert "priceWhat should <it> cost? cheap 25% 50% dear 75% 50%" in text
    assert "The other questions (1), the largest change first" in text
    assert "ageHow old are you? on average 40 44.5" in text


def test_earlier_waves_that_were_withdrawn_are_marked() -> None:
    waves = (DRIFT.waves[0], replace(DRIFT.waves[1], withdrawn=True), *DRIFT.waves[2:])

    assert "on respondents withdrawn later" in words(replace(DRIFT, waves=waves))
    assert "withdrawn" not in words(DRIFT)
