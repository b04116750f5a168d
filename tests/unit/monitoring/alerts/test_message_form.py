from dataclasses import replace

import pytest
from dtc_monitoring.alerts.messages import CAPTION_UNITS, HEADINGS, MESSAGE_UNITS, caption, run_alert, shorten_message
from dtc_monitoring.alerts.telegram import entities
from dtc_monitoring.report.wording import percent
from dtc_monitoring.verdict import Evidence
from fakes.run_content import DRIFT, SEGMENTS, content
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("name", ["*Bold* _Bea_ [x](http://x)", "<b>Bea</b> & `co`", "Bea\nWhat was done", "B" * 500])
def test_a_name_stays_on_its_line_and_is_never_markup(name: str) -> None:
    people = (name, *SEGMENTS[1:])
    waves = tuple(replace(w, shares=dict(zip(people, w.shares.values(), strict=True))) for w in DRIFT.waves)
    text = run_alert(content(segments=people, waves=waves))
    (line,) = [line for line in text.splitlines() if line.endswith("33% → 25% of respondents")]
    assert line.startswith(f"• {' '.join(name.split())[:50]}")
    bold = [
        text.encode("utf-16-le")[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le") for e in entities(text)
    ]
    assert set(bold[1:]) <= {*HEADINGS, "Affected personas"}
    assert len(bold) == len(set(bold))


def test_a_name_that_is_read_from_the_right_does_not_turn_the_shares_behind_it() -> None:
    name = "שלום עולם"
    people = (name, *SEGMENTS[1:])
    waves = tuple(replace(w, shares=dict(zip(people, w.shares.values(), strict=True))) for w in DRIFT.waves)
    text = run_alert(content(segments=people, waves=waves, survey=name))
    assert f"• \u2068{name}\u2069: 33% → 25% of respondents" in text
    assert f"\u2068{name}\u2069, wave 2025-03 (480 respondents)" in text
    assert "\u2068" not in run_alert(DRIFT)


def test_headline_and_headings_are_bold_also_behind_characters_of_two_units() -> None:
    text = run_alert(DRIFT, "🚨 Drift 🚨")
    units = text.encode("utf-16-le")
    bold = [units[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le") for e in entities(text)]
    assert bold == ["🚨 Drift 🚨", *HEADINGS[:2], "Affected personas", *HEADINGS[2:5]]


def test_what_stands_under_a_picture_is_headline_and_waves() -> None:
    below = caption(run_alert(DRIFT))
    assert below.splitlines()[-1].startswith("Wave 2025-03 (480 respondents) was compared")
    assert len(caption("🚨" * 3000).encode("utf-16-le")) // 2 <= CAPTION_UNITS


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0%"), (0.004, "0.4%"), (0.01, "1%"), (0.0523, "5.2%"), (0.0999, "10%"), (0.334, "33%")]
)
def test_a_share_is_written_with_two_digits(share: float, words: str) -> None:
    assert percent(share) == words


@given(st.text(max_size=400), st.integers(20, 300))
def test_a_message_never_exceeds_telegram_s_limit_and_is_only_cut_if_it_must_be(text: str, units: int) -> None:
    fitted = shorten_message(text, units)
    assert len(fitted.encode("utf-16-le")) // 2 <= units
    if len(text.encode("utf-16-le")) // 2 <= units:
        assert fitted == text
    else:
        assert fitted.endswith("(cut)")
        assert text.startswith(fitted.removesuffix(" … (cut)"))


def test_a_message_is_cut_between_words() -> None:
    assert shorten_message("respondents answer differently " * 3, 35) == "respondents answer … (cut)"


def test_an_alert_of_very_long_words_still_fits() -> None:
    findings = tuple(Evidence("features", f"q{n}", "ü🚨" * 900, flagged=True, p_value=0.1) for n in range(9))
    assert len(run_alert(content(evidence=findings)).encode("utf-16-le")) // 2 <= MESSAGE_UNITS
