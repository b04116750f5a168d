"""What the verdict says about changes within personas, of the mix, of missing answers, and with weights."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_monitoring import DriftCheckError, DriftVerdict, assess_drift
from dtc_monitoring.evidence import Evidence

CENTROIDS = {2: [[0.0, 0.0], [4.0, 4.0]], 3: [[0.0, 0.0, 0.0], [4.0, 4.0, 0.0], [0.0, 4.0, 4.0]]}


def catalogue_with(centroids: list[list[float]]) -> Catalogue:
    features = [{"name": f"q{number}"} for number in range(1, len(centroids[0]) + 1)]
    personas = [
        {"id": number, "name": f"Persona {letter}", "centroid": centroid}
        for number, (letter, centroid) in enumerate(zip("ABC", centroids, strict=False))
    ]
    return Catalogue.model_validate(
        {"name": "few", "registered_model": "few_model", "features": features, "personas": personas}
    )


@pytest.fixture(params=[2, 3], ids=["two features", "three features"])
def few(request: pytest.FixtureRequest) -> Catalogue:
    return catalogue_with(CENTROIDS[request.param])


def draw(
    catalogue: Catalogue, seed: int, n_respondents: int = 500, shares: list[float] | None = None, spread: float = 1.0
) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    personas = random.choice(len(catalogue.personas), n_respondents, p=shares)
    answers = catalogue.centroids[personas] + random.normal(scale=spread, size=(n_respondents, len(catalogue.features)))
    return pd.DataFrame(answers, columns=list(catalogue.feature_names))


def of_kind(verdict: DriftVerdict, kind: str, *, flagged: bool = True) -> list[Evidence]:
    return [piece for piece in verdict.evidence if piece.kind == kind and piece.flagged is flagged]


@pytest.mark.parametrize("n_current", [100, 500, 3_000, 30_000])
@pytest.mark.parametrize("direction", [2.0, -2.0])
def test_a_shift_of_all_answers_by_two_spreads_is_drift_and_never_passes_for_a_mix(
    few: Catalogue, n_current: int, direction: float
) -> None:
    assert assess_drift(draw(few, 1), draw(few, 2, n_current) + direction, few).status == "drift"


@pytest.mark.parametrize("feature", [0, 1])
def test_a_shift_of_one_feature_by_two_spreads_is_drift(few: Catalogue, feature: int) -> None:
    moved = draw(few, 3)
    moved.iloc[:, feature] += 2
    verdict = assess_drift(draw(few, 1), moved, few)
    assert verdict.status == "drift"
    name = few.feature_names[feature]
    assert any(piece.name.startswith(name) for piece in of_kind(verdict, "features"))


@pytest.mark.parametrize("n_respondents", [80, 500])
@pytest.mark.parametrize("seed", range(5, 9))
def test_a_shift_towards_a_persona_that_nobody_had_is_drift(
    small_catalogue: Catalogue, seed: int, n_respondents: int
) -> None:
    random = np.random.default_rng(seed)

    def wave(price: float) -> pd.DataFrame:
        prices = random.normal(price, 1, n_respondents)
        others = {"ecology": random.integers(0, 2, n_respondents), "visits": random.integers(1, 6, n_respondents)}
        return pd.DataFrame({"price": prices} | others)

    assert assess_drift(wave(1), wave(3), small_catalogue).status == "drift"


def test_a_spread_twice_as_wide_is_drift_by_its_fit(few: Catalogue) -> None:
    verdict = assess_drift(draw(few, 1), draw(few, 2, spread=2), few)
    assert verdict.status == "drift"
    assert "all respondents" in {piece.name for piece in of_kind(verdict, "fit")}
    assert verdict.findings.mean_fit_after > 1.5 * verdict.findings.mean_fit_before  # type: ignore[operator]


YES_OFTEN = [[1, 1, 1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0, 1, 1, 1, 1]]
"""Ten yes/no questions: which of them a persona mostly answers with yes."""


def yes_and_no(seed: int, counts: list[int]) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    usual = np.array([*YES_OFTEN, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]]).repeat(counts, axis=0)
    answers = np.where(random.random(usual.shape) < 0.1, 1 - usual, usual)
    return pd.DataFrame(answers, columns=[f"q{number}" for number in range(1, 11)])


def new_groups(verdict: DriftVerdict) -> list[Evidence]:
    return [piece for piece in verdict.evidence if piece.name == "a new group"]


@pytest.mark.parametrize("seed", range(5))
def test_fifteen_of_a_hundred_with_yes_and_no_in_an_unknown_pattern_are_a_new_group(seed: int) -> None:
    catalogue = catalogue_with(np.array(YES_OFTEN, dtype=float).tolist())
    verdict = assess_drift(yes_and_no(seed, [170, 165, 165, 0]), yes_and_no(100 + seed, [30, 30, 25, 15]), catalogue)
    (group,) = new_groups(verdict)
    assert (verdict.status, group.flagged) == ("drift", True)
    assert group.effect > 0.02


def test_a_group_that_both_waves_have_is_not_new() -> None:
    catalogue = catalogue_with(np.array(YES_OFTEN, dtype=float).tolist())
    verdict = assess_drift(yes_and_no(1, [140, 140, 145, 75]), yes_and_no(2, [30, 30, 25, 15]), catalogue)
    assert verdict.status == "stable"
    assert not any(group.flagged for group in new_groups(verdict))


def test_three_strangers_are_no_new_group() -> None:
    catalogue = catalogue_with(np.array(YES_OFTEN, dtype=float).tolist())
    verdict = assess_drift(yes_and_no(1, [170, 165, 165, 0]), yes_and_no(2, [33, 33, 31, 3]), catalogue)
    assert verdict.status == "stable"


@pytest.mark.parametrize("in_current", [True, False])
def test_answers_left_out_in_one_wave_look_like_no_new_group(*, in_current: bool) -> None:
    catalogue = catalogue_with(np.array(YES_OFTEN, dtype=float).tolist())
    waves = [yes_and_no(1, [170, 165, 165, 0]), yes_and_no(2, [100, 100, 100, 0])]
    waves[in_current] = waves[in_current].mask(np.random.default_rng(3).random(waves[in_current].shape) < 0.2)
    verdict = assess_drift(waves[0], waves[1], catalogue)
    assert verdict.status == "stable"
    (group,) = new_groups(verdict)
    assert group.p_value > 0.05


def test_waves_in_which_nobody_answered_everything_have_no_new_groups() -> None:
    catalogue = catalogue_with(np.array(YES_OFTEN, dtype=float).tolist())
    before, after = yes_and_no(1, [170, 165, 165, 0]).astype(float), yes_and_no(2, [30, 30, 40, 0]).astype(float)
    for wave in (before, after):
        wave.iloc[::2, 0], wave.iloc[1::2, 1] = np.nan, np.nan
    verdict = assess_drift(before, after, catalogue)
    assert verdict.status == "stable"
    assert not new_groups(verdict)


def test_no_new_groups_are_looked_for_in_large_waves(few: Catalogue) -> None:
    assert new_groups(assess_drift(draw(few, 1), draw(few, 2), few))
    assert not new_groups(assess_drift(draw(few, 1, 4_000), draw(few, 2, 4_000), few))


@pytest.mark.parametrize("persona", [0, 1])
@pytest.mark.parametrize("n_current", [100, 2_000])
def test_a_wave_of_one_persona_only_is_a_shift_of_the_mix(few: Catalogue, persona: int, n_current: int) -> None:
    shares = [float(position == persona) for position in range(len(few.personas))]
    verdict = assess_drift(draw(few, 1), draw(few, 2, n_current, shares), few)
    assert verdict.status == "mix_shift"
    assert verdict.shares[persona].after > 0.9
    assert not of_kind(verdict, "fit")


def test_a_shift_of_the_mix_names_whose_share_changed(catalogue: Catalogue, january: pd.DataFrame) -> None:
    verdict = assess_drift(january, draw(catalogue, 5, 500, [0.6, 0.3, 0.1], spread=2), catalogue)
    assert verdict.status == "mix_shift"
    assert verdict.drifted_share >= 0.5, "columns alone would have called it drift"
    grown = max(verdict.shares, key=lambda share: share.after - share.before)
    assert grown.persona == catalogue.persona_names[0]
    assert grown.before == pytest.approx(1 / 3, abs=0.01)
    assert grown.after == pytest.approx(0.6, abs=0.06)
    words = next(piece.words for piece in of_kind(verdict, "mix") if piece.name == grown.persona)
    assert "33% before" in words


def test_evidence_of_every_kind_has_statistic_effect_and_p(few: Catalogue) -> None:
    gaps = draw(few, 2).mask(np.random.default_rng(0).random((500, len(few.features))) < 0.1)
    verdict = assess_drift(draw(few, 1), gaps, few)
    assert {piece.kind for piece in verdict.evidence} == {"features", "fit", "mix", "missing"}
    assert all(
        0 <= piece.p_value <= 1 and np.isfinite([piece.statistic, piece.effect]).all() for piece in verdict.evidence
    )


def test_missing_answers_are_flagged_but_are_no_drift(few: Catalogue) -> None:
    current = draw(few, 2)
    current.loc[np.random.default_rng(1).random(500) < 0.3, "q1"] = np.nan
    verdict = assess_drift(draw(few, 1), current, few)
    assert verdict.status == "stable"
    (piece,) = of_kind(verdict, "missing")
    assert piece.name == "q1"
    assert piece.effect == pytest.approx(0.3, abs=0.06)
    assert "left q1 out" in piece.words


def test_respondents_who_left_answers_out_count_by_those_they_gave(few: Catalogue) -> None:
    reference, current = draw(few, 1), draw(few, 2)
    current["q1"] += 1
    holes = current.mask(np.random.default_rng(1).random(current.shape) < 0.1)
    holes.iloc[0] = np.nan
    everybody = draw(few, 1).mask(np.random.default_rng(2).random(reference.shape) < 0.1)
    verdict = assess_drift(everybody, holes, few)
    assert (verdict.status, verdict.n_current) == ("drift", 500)
    assert sum(share.after for share in verdict.shares) == pytest.approx(1)


def test_a_feature_that_is_the_same_for_all_and_one_that_is_there_twice_do_no_harm(few: Catalogue) -> None:
    waves = [draw(few, seed) for seed in (1, 2)]
    for frame in waves:
        frame["q1"] = 3.0
        frame[few.feature_names[-1]] = frame["q2"]
    assert assess_drift(waves[0], waves[1], few).status == "stable"
    moved = waves[1].assign(q2=waves[1]["q2"] + 1)
    assert assess_drift(waves[0], moved, few).status == "drift"


@pytest.mark.parametrize(("n_reference", "n_current"), [(1, 1), (2, 500), (500, 2)])
def test_a_handful_of_respondents_is_never_called_drift(few: Catalogue, n_reference: int, n_current: int) -> None:
    assert assess_drift(draw(few, 1, n_reference), draw(few, 2, n_current), few).status != "drift"


def test_a_single_wild_answer_is_no_drift(few: Catalogue) -> None:
    current = draw(few, 2)
    current.iloc[0, 0] = 1e6
    assert assess_drift(draw(few, 1), current, few).status == "stable"


def test_an_answer_beyond_all_measure_raises(few: Catalogue) -> None:
    current = draw(few, 2)
    current.iloc[0, 0] = 1e300
    with pytest.raises(DriftCheckError, match="too large"):
        assess_drift(draw(few, 1), current, few)


def test_weights_turn_a_lopsided_sample_into_the_population(few: Catalogue) -> None:
    lopsided = draw(few, 2, 2_000, [0.6, *[0.4 / (len(few.personas) - 1)] * (len(few.personas) - 1)])
    nearest = ((lopsided.to_numpy()[:, None, :] - few.centroids) ** 2).sum(axis=2).argmin(axis=1)
    target = 1 / len(few.personas)
    weights = np.where(nearest == 0, target / 0.6, (1 - target) / 0.4)
    assert assess_drift(draw(few, 1), lopsided, few).status == "mix_shift"
    verdict = assess_drift(draw(few, 1), lopsided.assign(weight=weights), few)
    assert verdict.status == "stable"
    assert verdict.shares[0].after == pytest.approx(target, abs=0.04)
    assert verdict.findings.effective_current < 1_990  # type: ignore[operator]


def test_equal_weights_change_nothing(few: Catalogue) -> None:
    reference, current = draw(few, 1), draw(few, 2)
    weighted = assess_drift(reference.assign(weight=2.5), current.assign(weight=0.1), few)
    assert weighted == assess_drift(reference, current, few)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([-1.0], "holds a weight below 0"),
        ([np.nan, np.nan], "lacks the weights of 2 of 500 respondents: all need one, or none"),
        ([np.inf], "holds infinite numbers"),
        ([0.0] * 500, "holds a weight below 0, or nothing but 0"),
    ],
)
def test_weights_that_cannot_be_used_raise(few: Catalogue, weights: list[float], words: str) -> None:
    current = draw(few, 2).assign(weight=[*weights, *[1.0] * (500 - len(weights))])
    with pytest.raises(DriftCheckError, match=f"column 'weight' of the current wave {words}"):
        assess_drift(draw(few, 1), current, few)


def test_whoever_has_the_weight_0_is_left_out(few: Catalogue) -> None:
    current = draw(few, 2)
    weights = np.random.default_rng(5).uniform(0.5, 2, 500)
    with_others = pd.concat([current.assign(weight=weights), draw(few, 3).assign(weight=0.0) + 9])
    with_others["weight"] = [*weights, *[0.0] * 500]
    verdict = assess_drift(draw(few, 1), with_others, few)
    assert verdict == assess_drift(draw(few, 1), current.assign(weight=weights), few)
    assert verdict.n_current == 500


def test_the_catalogue_names_the_column_with_the_weights(few: Catalogue) -> None:
    current = draw(few, 2)
    weights = np.random.default_rng(5).uniform(0.5, 2, 500)
    renamed = Catalogue.model_validate(few.model_dump() | {"columns": {"weight": "Gewicht"}})
    verdict = assess_drift(draw(few, 1), current.assign(Gewicht=weights, weight=-1), renamed)
    assert verdict == assess_drift(draw(few, 1), current.assign(weight=weights), few)


def test_the_marks_of_single_columns_count_weights(few: Catalogue) -> None:
    halves = [draw(few, seed).assign(weight=weight) for seed, weight in ((2, 1.0), (3, 1e-6))]
    halves[1].iloc[:, :-1] += 5
    both = pd.concat(halves, ignore_index=True)
    assert all(column.drifted for column in assess_drift(draw(few, 1), both.drop(columns="weight"), few).columns)
    assert not any(column.drifted for column in assess_drift(draw(few, 1), both, few).columns)


def test_the_verdict_states_its_false_alarm_rate(few: Catalogue) -> None:
    rate = assess_drift(draw(few, 1), draw(few, 2), few).false_alarm_rate
    assert rate is not None
    assert (rate.drift, rate.mix_shift) == (0.003, 0.008)
    assert "Of 1,000 waves" in rate.words


def test_the_same_waves_always_get_the_same_verdict(few: Catalogue) -> None:
    waves = draw(few, 1), draw(few, 2) + 0.3
    assert assess_drift(*waves, few) == assess_drift(*waves, few)


def test_a_verdict_from_before_findings_were_kept_is_still_read(few: Catalogue) -> None:
    document: dict[str, Any] = json.loads(json.dumps(assess_drift(draw(few, 1), draw(few, 2), few).to_dict()))
    old_names = {"status", "drifted_share", "threshold", "columns", "n_reference", "n_current", "p_value_limit"}
    old = DriftVerdict.from_dict({name: document[name] for name in old_names})
    assert old.evidence == ()
    assert old.false_alarm_rate is None
    assert DriftVerdict.from_dict(old.to_dict()) == old
