"""What the verdict says about changes within personas, of the mix and of missing answers."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_monitoring import DriftCheckError, DriftVerdict, assess_drift
from dtc_monitoring.verdict.evidence import Evidence
from fakes.few_features import draw


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


@pytest.mark.parametrize("n_current", [100, 500, 5_000])
@pytest.mark.parametrize(("factor", "shift"), [(1e3, 0.0), (1e4, 0.0), (1.0, 1e4), (1.0, 1e7)])
def test_a_wave_in_another_unit_is_drift_however_wide_it_makes_both_together(
    few: Catalogue, n_current: int, factor: float, shift: float
) -> None:
    assert assess_drift(draw(few, 1), draw(few, 2, n_current) * factor + shift, few).status == "drift"


def test_one_wild_answer_hides_no_drift_of_its_feature(few: Catalogue) -> None:
    reference, current = draw(few, 1), draw(few, 2)
    current.iloc[:, 0] += 1.0
    current.iloc[0, 0] = 1e9
    verdict = assess_drift(reference, current, few)
    name = few.feature_names[0]
    assert name in {piece.name for piece in of_kind(verdict, "features")}


@pytest.mark.parametrize("n_units", [80, 500])
@pytest.mark.parametrize("seed", range(5, 9))
def test_a_shift_towards_a_segment_that_nobody_had_is_drift(
    small_catalogue: Catalogue, seed: int, n_units: int
) -> None:
    random = np.random.default_rng(seed)

    def wave(price: float) -> pd.DataFrame:
        prices = random.normal(price, 1, n_units)
        others = {"ecology": random.integers(0, 2, n_units), "visits": random.integers(1, 6, n_units)}
        return pd.DataFrame({"price": prices} | others)

    assert assess_drift(wave(1), wave(3), small_catalogue).status == "drift"


def test_a_spread_twice_as_wide_is_drift_by_its_fit(few: Catalogue) -> None:
    verdict = assess_drift(draw(few, 1), draw(few, 2, spread=2), few)
    assert verdict.status == "drift"
    assert "all respondents" in {piece.name for piece in of_kind(verdict, "fit")}
    assert verdict.basis.mean_fit_after > 1.5 * verdict.basis.mean_fit_before  # type: ignore[operator]


@pytest.mark.parametrize("segment", [0, 1])
@pytest.mark.parametrize("n_current", [100, 2_000])
def test_a_wave_of_one_segment_only_is_a_shift_of_the_mix(few: Catalogue, segment: int, n_current: int) -> None:
    shares = [float(position == segment) for position in range(len(few.segments))]
    verdict = assess_drift(draw(few, 1), draw(few, 2, n_current, shares), few)
    assert verdict.status == "mix_shift"
    assert verdict.shares[segment].after > 0.9
    assert not of_kind(verdict, "fit")


def test_a_shift_of_the_mix_names_whose_share_changed(catalogue: Catalogue, january: pd.DataFrame) -> None:
    verdict = assess_drift(january, draw(catalogue, 5, 500, [0.6, 0.3, 0.1], spread=2), catalogue)
    assert verdict.status == "mix_shift"
    assert verdict.drifted_share >= 0.5, "columns alone would have called it drift"
    grown = max(verdict.shares, key=lambda share: share.after - share.before)
    assert grown.segment == catalogue.segment_names[0]
    assert grown.before == pytest.approx(1 / 3, abs=0.01)
    assert grown.after == pytest.approx(0.6, abs=0.06)
    words = next(piece.words for piece in of_kind(verdict, "mix") if piece.name == grown.segment)
    assert "33% before" in words


def test_evidence_of_every_kind_has_statistic_effect_and_p(few: Catalogue) -> None:
    gaps = draw(few, 2).mask(np.random.default_rng(0).random((500, len(few.features))) < 0.1)
    verdict = assess_drift(draw(few, 1), gaps, few)
    assert {piece.kind for piece in verdict.evidence} == {"features", "fit", "mix", "missing"}
    figures = np.array([[piece.statistic, piece.effect, piece.p_value] for piece in verdict.evidence], dtype=np.float64)
    assert np.isfinite(figures).all()
    assert ((figures[:, 2] >= 0) & (figures[:, 2] <= 1)).all()


def test_missing_answers_are_flagged_but_are_no_drift(few: Catalogue) -> None:
    current = draw(few, 2)
    current.loc[np.random.default_rng(1).random(500) < 0.3, "q1"] = np.nan
    verdict = assess_drift(draw(few, 1), current, few)
    assert verdict.status == "stable"
    (piece,) = of_kind(verdict, "missing")
    assert piece.name == "q1"
    assert piece.effect == pytest.approx(0.3, abs=0.06)
    assert "q1 is missing for 3" in piece.words


def test_units_who_left_answers_out_count_by_those_they_gave(few: Catalogue) -> None:
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
def test_a_handful_of_units_is_never_called_drift(few: Catalogue, n_reference: int, n_current: int) -> None:
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
