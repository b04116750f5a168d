from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_monitoring import DriftVerdict, assess_drift
from dtc_monitoring.drift_check import DriftCheck
from dtc_monitoring.messages import LISTED_COLUMNS, Retraining, drift_alert, fit_message, no_drift_alert
from hypothesis import given
from hypothesis import strategies as st

MakeCheck = Callable[..., DriftCheck]

PROMOTED = Retraining(
    trained_on=Wave(2025, 3),
    k=3,
    silhouette=0.41749,
    silhouette_inertia_ratio=0.0086441,
    version="2",
    promoted=True,
)
KEPT = Retraining(
    trained_on=Wave(2025, 3),
    k=2,
    silhouette=0.475,
    silhouette_inertia_ratio=0.00669,
    version="3",
    promoted=False,
    reason="2 clusters cannot stand for 3 personas",
    missing=("Eco-Conscious Haley",),
)


def test_the_drift_alert_says_what_changed_since_when_what_was_trained_and_what_labels_now(check: MakeCheck) -> None:
    text = drift_alert(check(5), PROMOTED, production_version="2")
    for fact in (
        "Wave 2025-03 (480 respondents)",
        "reference wave 2025-01 (500 respondents)",
        "5 of 10 features changed (50%)",
        "trained on wave 2025-03",
        "k = 3",
        "silhouette 0.417",
        "ratio 0.00864",
        "in production now, as version 2 of persona_model",
        check(5).report_url,
    ):
        assert fact in text


def test_the_clearest_change_is_named_first(check: MakeCheck) -> None:
    text = drift_alert(check(5), PROMOTED, production_version="2")
    assert "question_4, question_3, question_2, question_1, question_0" in text


def test_a_version_that_was_not_promoted_is_explained_with_what_stays_in_production(check: MakeCheck) -> None:
    text = drift_alert(check(5), KEPT, production_version="1")
    assert "not put into production.\nReason: 2 clusters cannot stand for 3 personas." in text
    assert "No group stands for Eco-Conscious Haley." in text
    assert "Version 1 of persona_model stays in production." in text
    assert "in production now" not in text


def test_the_no_drift_alert_says_that_nothing_was_done(check: MakeCheck) -> None:
    text = no_drift_alert(check(1), production_version="1")
    assert "1 of 10 features changed (10%): question_0." in text
    assert "no drift" in text.lower()
    assert "Nothing was trained. Version 1 of persona_model stays in production." in text


def test_no_column_is_named_when_none_changed(check: MakeCheck) -> None:
    assert "question" not in no_drift_alert(check(0), production_version="1")


def test_no_production_version_is_said_so(check: MakeCheck) -> None:
    assert "No version of persona_model is in production." in no_drift_alert(check(0), production_version=None)


@pytest.mark.parametrize("threshold", [0.1, 0.29, 0.3, 0.5, 0.7, 1.0])
def test_the_number_of_features_that_make_a_drift_follows_the_verdict_s_own_rule(
    check: MakeCheck, threshold: float
) -> None:
    (needed,) = [n for n in range(11) if f"it takes {n} or more" in no_drift_alert(check(0, threshold=threshold), "1")]
    assert check(needed, threshold=threshold).verdict.status == "drift"
    assert check(needed - 1, threshold=threshold).verdict.status == "stable"


def of_waves(check: DriftCheck, verdict: DriftVerdict) -> DriftCheck:
    return replace(check, verdict=verdict)


def test_a_mix_shift_says_whose_share_changed_and_that_nothing_was_trained(
    check: MakeCheck, catalogue: Catalogue, january: pd.DataFrame
) -> None:
    random = np.random.default_rng(8)
    personas = random.choice(3, 500, p=[0.6, 0.3, 0.1])
    answers = catalogue.centroids[personas] + random.normal(scale=2, size=(500, 10))
    current = pd.DataFrame(answers, columns=list(catalogue.feature_names))
    text = no_drift_alert(of_waves(check(0), assess_drift(january, current, catalogue)), "1", headline="All quiet")
    assert text.startswith("The mix of personas changed")
    for part in ("Sustainable Steve grew from 33% to", "Bella fell from 33% to", "Nothing was trained"):
        assert part in text


def test_marked_columns_of_a_stable_wave_do_not_contradict_the_verdict(
    check: MakeCheck, catalogue: Catalogue, january: pd.DataFrame
) -> None:
    verdict = assess_drift(january, january.assign(x1=january["x1"] + 0.2), catalogue)
    column = replace(verdict.columns[0], drifted=True)
    marked = replace(verdict, columns=(column, *verdict.columns[1:]), drifted_share=0.1)
    text = no_drift_alert(of_waves(check(0), marked), "1")
    assert "1 of 10 features changed (10%): x1. That is no drift: it is within what chance" in text


def test_a_drift_is_told_with_its_clearest_evidence(
    check: MakeCheck, catalogue: Catalogue, january: pd.DataFrame, month: Callable[..., pd.DataFrame]
) -> None:
    text = drift_alert(of_waves(check(5), assess_drift(january, month(3.1, 5977), catalogue)), PROMOTED, "2")
    assert "respondents no longer fit the personas" in text
    assert "further from" in text
    assert "x7, x8, x9, x6, x3" in text


def test_missing_answers_are_told_as_a_warning(
    check: MakeCheck, catalogue: Catalogue, january: pd.DataFrame, month: Callable[..., pd.DataFrame]
) -> None:
    gaps = month(2, 43)
    gaps.loc[:99, "x4"] = np.nan
    text = no_drift_alert(of_waves(check(0), assess_drift(january, gaps, catalogue)), "1")
    assert "Warning: 20% left x4 out; it was 0% before." in text
    assert text.startswith("No drift")


def test_the_first_line_can_be_set(check: MakeCheck) -> None:
    assert drift_alert(check(5), PROMOTED, "2", headline="Attention please").startswith("Attention please\n")
    assert no_drift_alert(check(0), "2", headline="All is well").startswith("All is well\n")


def test_many_columns_are_summed_up_and_the_report_stays_in_the_message(check: MakeCheck) -> None:
    many = check(300, n_columns=400)
    text = drift_alert(many, PROMOTED, production_version="2")
    assert f"and {300 - LISTED_COLUMNS} more" in text
    assert text.endswith(many.report_url)


@given(st.text(max_size=400), st.integers(20, 300))
def test_a_message_never_exceeds_telegram_s_limit_and_is_only_cut_if_it_must_be(text: str, units: int) -> None:
    fitted = fit_message(text, units)
    assert len(fitted.encode("utf-16-le")) // 2 <= units
    if len(text.encode("utf-16-le")) // 2 <= units:
        assert fitted == text
    else:
        assert fitted.endswith("(cut)")
        assert text.startswith(fitted.removesuffix(" … (cut)"))


def test_a_message_is_cut_between_words() -> None:
    assert fit_message("respondents answer differently " * 3, 35) == "respondents answer … (cut)"
