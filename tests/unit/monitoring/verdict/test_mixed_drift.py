"""The drift verdict where features are numbers, yes or no, and categories."""

import re

import numpy as np
import pandas as pd
import pytest
from drift_populations import wave
from dtc_data import Wave
from dtc_data.catalogue import answer_columns
from dtc_data.synthetic import make_wave
from dtc_monitoring.errors import DriftCheckError
from dtc_monitoring.settings import DriftSettings
from dtc_monitoring.verdict import DriftVerdict, assess_and_draw, assess_drift
from fakes.mixed_features import mixed_catalogue
from mixed_population import Mixed

POPULATION = Mixed()
CATALOGUE = POPULATION.catalogue()
LIMITS = DriftSettings()
C3, C6 = "c3", "c6"


def frame(answers: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> pd.DataFrame:
    return pd.DataFrame(answer_columns(answers, CATALOGUE.features))


def drawn(seed: int, n_units: int = 500, scenario: str = "same") -> pd.DataFrame:
    return frame(wave(POPULATION, np.random.default_rng(seed), n_units, scenario))


def changed(seed: int, feature: int, points: float, persona: int | None = None, n_units: int = 500) -> pd.DataFrame:
    """Draw a wave in which a part of some persona's respondents, or of all, give another value of a category."""
    random = np.random.default_rng(seed)
    segments = random.integers(3, size=n_units)
    shifted = Mixed.shifted(POPULATION.centroids, feature, points)
    moved = np.ones(n_units, dtype=bool) if persona is None else segments == persona
    centroids = np.where(moved[:, None], shifted[segments], POPULATION.centroids[segments])
    return frame(POPULATION.answers(random, centroids))


def check(reference: pd.DataFrame, current: pd.DataFrame) -> DriftVerdict:
    return assess_drift(reference, current, CATALOGUE, LIMITS)


def flagged(verdict: DriftVerdict) -> dict[str, str]:
    return {piece.name: piece.words for piece in verdict.evidence if piece.flagged}


def test_a_wave_like_the_reference_wave_is_stable() -> None:
    verdict = check(drawn(1), drawn(2))
    assert verdict.status == "stable"
    tests = {column.name: column.test for column in verdict.columns}
    assert [tests[name] for name in ("x0", "q0", C3, C6)] == ["ks", "z", "chi_square", "chi_square"]


def test_another_mix_of_segments_moves_categories_and_is_no_drift() -> None:
    verdict = check(drawn(1), drawn(2, scenario="mix 60/30/10"))
    assert verdict.status == "mix_shift"
    assert {C3, C6} <= set(verdict.drifted_columns)


def test_a_value_that_becomes_more_frequent_within_segments_is_drift_and_named_with_its_shares() -> None:
    verdict = check(drawn(3), changed(4, 9, 0.25))
    assert verdict.status == "drift"
    found = flagged(verdict)
    names = [name for name in found if name.startswith("c6 = ") and " of " not in name]
    assert names
    assert all(words.startswith("c6 is value_") for name, words in found.items() if name in names)
    assert "of respondents of the same persona; it was" in found[names[0]]
    assert not any(name.startswith(("x", "q", "c3", "c4")) for name in found)


def test_a_change_within_one_segment_alone_is_named_with_the_segment() -> None:
    verdict = check(drawn(1, 2_000), changed(2, 7, 0.4, persona=1, n_units=2_000))
    assert verdict.status == "drift"
    words = flagged(verdict)[f"c3 = value_1 of {CATALOGUE.segment_names[1]}"]
    assert words == "c3 is value_1 for 20% of Eco-Conscious Haley's respondents; it was 59% before."


def test_shares_are_true_also_of_values_that_hardly_anybody_gave_before() -> None:
    catalogue = mixed_catalogue()
    reference, current = (make_wave(catalogue, 400, 0.5, month, Wave(2025, month)) for month in (1, 3))
    current["region"] = current["region"].mask(current.index % 2 == 0, "abroad")  # half of all, and nobody before
    found = flagged(assess_drift(reference, current, catalogue, LIMITS))
    assert found["region = abroad"] == "region is abroad for 50% of households of the same segment; it was 0% before."
    told = re.match(
        r"region is north for (\d+)% of Comfortable's .* it was 100% before", found["region = north of Comfortable"]
    )
    assert told
    assert int(told[1]) == pytest.approx(50, abs=3)


def test_a_category_that_only_the_current_wave_lacks_is_compared_all_the_same() -> None:
    current = drawn(2)
    current[C3] = "value_0"
    assert check(drawn(1), current).status == "drift"


def test_missing_categories_are_told_and_are_no_drift() -> None:
    current = drawn(2)
    current.loc[np.random.default_rng(1).random(500) < 0.3, [C6, "q1"]] = None
    verdict = check(drawn(1), current)
    assert verdict.status == "stable"
    missing = {piece.name: piece for piece in verdict.evidence if piece.kind == "missing"}
    assert set(missing) == {C6, "q1"}
    assert missing[C6].flagged
    assert missing[C6].words.startswith("c6 is missing for 3")


def test_whatever_is_found_calls_features_what_people_call_them() -> None:
    titles = {feature.name: f"The title of {feature.name}" for feature in CATALOGUE.features}
    titled = [one.model_copy(update={"label": titles[one.name]}) for one in CATALOGUE.features]
    current = changed(4, 9, 0.25)
    current.loc[np.random.default_rng(1).random(500) < 0.3, ["q1"]] = None
    called = CATALOGUE.model_copy(update={"features": tuple(titled)})
    evidence = assess_drift(drawn(3), current, called, LIMITS).evidence
    of_features = [piece for piece in evidence if piece.kind in {"features", "missing"}]
    assert {piece.kind for piece in of_features} == {"features", "missing"}
    assert [piece.words for piece in of_features if "The title of " not in piece.words] == []


@pytest.mark.parametrize("wave_name", ["reference", "current"])
def test_a_value_that_the_catalogue_does_not_have_is_refused_by_name(wave_name: str) -> None:
    waves = {"reference": drawn(1), "current": drawn(2)}
    waves[wave_name].loc[[3, 4], C3] = "value_99"
    with pytest.raises(DriftCheckError) as refused:
        check(**waves)
    assert f"column 'c3' of the {wave_name} wave" in str(refused.value)
    assert "'value_99' (2 times" in str(refused.value)


def test_a_category_without_answers_cannot_be_compared() -> None:
    with pytest.raises(DriftCheckError, match="column 'c4' of the current wave holds no answers at all"):
        check(drawn(1), drawn(2).assign(c4=None))


def test_weights_count_in_categories_too() -> None:
    """The reference wave's mix again, once the respondents of a persona that is too frequent count less."""
    random = np.random.default_rng(5)
    segments = random.choice(3, 1_500, p=[0.6, 0.2, 0.2])
    current = frame(POPULATION.answers(random, POPULATION.centroids[segments]))
    weights = np.where(segments == 0, 1 / 1.8, 1 / 0.6)
    assert check(drawn(1, 1_500), current).status == "mix_shift"
    assert check(drawn(1, 1_500), current.assign(weight=weights)).status == "stable"


def test_the_same_waves_always_get_the_same_verdict_whatever_the_order_of_the_values() -> None:
    turned = CATALOGUE.model_dump(mode="json")
    for feature in turned["features"]:
        if feature["type"] == "category":
            feature["values"], feature["shares"] = feature["values"][::-1], feature["shares"][::-1]
    other = type(CATALOGUE).model_validate(turned)
    for current in (drawn(2), changed(3, 8, 0.2)):
        one, two = (assess_drift(drawn(1), current, catalogue, LIMITS) for catalogue in (CATALOGUE, other))
        assert one.status == two.status
        assert one.basis.p_value == pytest.approx(two.basis.p_value, rel=0.2)


def test_evidently_draws_categories_by_their_names() -> None:
    page = assess_and_draw(drawn(1), drawn(2), CATALOGUE, LIMITS).report_html()
    assert "value_5" in page


def test_a_number_that_its_transformation_cannot_take_is_refused() -> None:
    features = list(CATALOGUE.features)
    features[0] = features[0].model_copy(update={"transform": "log1p", "minimum": 0.0})
    bent = CATALOGUE.model_copy(update={"features": tuple(features)})
    positive = drawn(1).assign(x0=lambda wave: wave["x0"].abs())
    with pytest.raises(DriftCheckError, match="column 'x0' of the current wave holds an answer that is below 0"):
        assess_drift(positive, drawn(2), bent, LIMITS)
