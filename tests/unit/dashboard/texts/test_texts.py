"""Every language says the same, and nothing is asked for that is not there."""

import re
from pathlib import Path
from string import Formatter

import dtc_dashboard
import pytest
from dtc_dashboard.texts import LANGUAGES, NONE, SAID, texts_in
from dtc_data import Wave
from dtc_data.catalogue import Words
from dtc_data.synthetic import make_wave
from dtc_data.transactions import feature_definitions
from dtc_model.prediction.scoring.forecast_document import ForecastFeature
from dtc_model.prediction.scoring.reasons import reason_for
from dtc_monitoring.report.what_changed import HEADLINES
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import assess_drift
from fakes.mixed_features import mixed_catalogue

PACKAGE = Path(dtc_dashboard.__file__).parent
WORDS = Words("shopper", "shoppers", "segment", "segments")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_values(language: str) -> None:
    english, other = texts_in("en").entries, texts_in(language).entries
    assert {key for key in other if not key.startswith(SAID)} == english.keys()
    of_catalogue = {
        "unit",
        "units",
        "to_units",
        "the_units",
        "segment",
        "segments",
        "Unit",
        "Units",
        "Segment",
        "Segments",
    }
    for key, text in english.items():
        assert placeholders(other[key]) - of_catalogue == placeholders(text) - of_catalogue, key


def test_every_text_that_a_page_asks_for_is_there() -> None:
    sources = [*PACKAGE.glob("templates/*.j2"), *PACKAGE.glob("pages/*.py")]
    asked = {
        key
        for path in sources
        for key in re.findall(r"""(?:\bt|texts\(\)|said)\(\s*["']([a-z_.0-9]+)["']\s*[,)]""", path.read_text())
    }
    assert len(asked) > 50
    assert asked <= texts_in("en").entries.keys()


def test_numbers_are_written_as_the_language_does() -> None:
    english, german = texts_in("en"), texts_in("de")
    assert (english.number(1234567.5, 1), german.number(1234567.5, 1)) == ("1,234,567.5", "1.234.567,5")
    assert english.percent(0.335) == "33.5%"
    assert german.percent(0.335).startswith("33,5")


def test_what_is_unknown_is_a_dash_and_a_minus_is_a_minus() -> None:
    texts = texts_in("en")
    assert texts.number(None) == texts.number(float("nan")) == texts.percent(None) == texts.points(None) == NONE
    assert texts.number(-0.001, 2) == "0.00"
    assert texts.number(-3.5, 1) == "\u22123.5"
    assert (texts.points(0.02), texts.points(-0.02), texts.points(0.0)) == ("+2.0", "\u22122.0", "0.0")


def test_texts_take_the_catalogue_s_words() -> None:
    assert "shoppers" in texts_in("en")("overview.chart_caption", WORDS)


def test_usual_words_of_catalogues_are_spoken_in_the_language_and_others_stay() -> None:
    usual = Words(unit="customer", units="customers", segment="segment", segments="segments")
    assert "Kunden" in texts_in("de")("overview.chart_caption", usual)
    assert "shoppers" in texts_in("de")("overview.chart_caption", WORDS)
    assert (texts_in("de").word("stores"), texts_in("en").word("stores")) == ("Filialen", "stores")


def test_what_packages_say_is_spoken_where_the_language_has_words_for_it_and_stays_english_elsewhere() -> None:
    figures = {"of": "Loyal", "value": "0,12", "limit": "1"}
    assert (
        texts_in("en")
        .spoken("finding.moved", "Loyal lies 0.12 spreads away", WORDS, **figures)
        .startswith("Loyal lies")
    )
    assert "Streuungen" in texts_in("de").spoken("finding.moved", "Loyal lies 0.12 spreads away", WORDS, **figures)
    assert texts_in("de").spoken("finding.unknown", "As it is", WORDS, **figures) == "As it is"


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_language_has_a_headline_for_each_verdict(language: str) -> None:
    assert {f"{SAID}headline.{code}" for code in HEADLINES} <= texts_in(language).entries.keys()


GERMAN = texts_in("de")


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "x1 is 1,200.50 spreads lower than before for customers of the same segment.",
            "um 1.200,50 Streuungen niedriger",
        ),
        (
            "Loyal: 33% → 34% of customers; its customers fit less well",
            "Loyal: 33\u202f% → 34\u202f%; passt schlechter",
        ),
        (
            "A: 33% before, 30% now; B: 67% before, 70% now.",
            "A: bisher 33\u202f%, jetzt 30\u202f%; B: bisher 67\u202f%, jetzt 70",
        ),
        ("Customers lie nearer to their segment than before (-0.30 spreads).", "Kunden liegen näher"),
        ("customers lie nearer to their segment than before (-0.30 spreads)", "(\u22120,30 Streuungen)"),
        (
            "There is no wave of 2010-07 to compare with: a seasonal effect cannot be excluded.",
            "Eine Welle von 2010-07 gibt es nicht: Es kann auch an der Jahreszeit liegen.",
        ),
        (
            "6 customers (less than 1%) are in no earlier wave: New 100%.",
            "6 Kunden (weniger als 1\u202f%) kommen in keiner früheren Welle vor: New 100%.",
        ),
        ("recency_days is 0.21 spreads lower than before for Champions' customers.", "(Kunden in Champions)"),
    ],
)
def test_sentences_of_packages_are_recognised_with_their_figures_and_words(english: str, german: str) -> None:
    spoken = GERMAN.phrase(english)
    assert spoken is not None
    assert german in spoken
    assert texts_in("en").phrase(english) == english


def test_a_sentence_that_no_phrase_fits_is_left_to_the_page() -> None:
    assert GERMAN.phrase("This was never said before.") is None


def test_what_stands_in_a_sentence_is_only_put_in_again() -> None:
    spoken = GERMAN.phrase("{x} <b> {0} is 0.10 spreads higher than before for everybody.")
    assert spoken is not None
    assert "{x} <b> {0}" in spoken
    assert "everybody" in spoken


def test_a_usual_check_is_told_without_a_word_of_english() -> None:
    catalogue = mixed_catalogue()
    before, after = (make_wave(catalogue, 400, 1.0, month, Wave(2025, month)) for month in (1, 2))
    verdict = assess_drift(before, after.assign(income=2 * after["income"]), catalogue, DriftSettings())
    said = [piece.words for piece in verdict.evidence]
    assert len(said) > 10
    assert [words for words in said if GERMAN.phrase(words) is None] == []


def test_phrases_put_in_only_what_they_recognise() -> None:
    for english, german in GERMAN.phrases:
        named = {name for _, name, _, _ in Formatter().parse(english) if name}
        assert placeholders(german) <= named, english


def test_every_reason_of_a_forecast_is_told_without_a_word_of_english() -> None:
    for own in feature_definitions():
        feature = ForecastFeature(name=own.name, description=own.description, unit=own.unit, typical=0.5)
        spoken = GERMAN.phrase(reason_for(feature, 2.0, 0.1).words)
        assert spoken is not None
        assert not {"the", "of", "in the", "order", "orders", "days"} & set(re.findall(r"[a-z]+", spoken)), spoken
