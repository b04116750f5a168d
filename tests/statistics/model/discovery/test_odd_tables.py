"""Tables in which there is nothing to find, or not what was asked for: an answer in words each."""

import numpy as np
import pandas as pd
import pytest
from dtc_model.discovery import PlantedMixture, discover
from dtc_model.errors import TrainingError
from dtc_model.rule import describe_mixture


def noise(n_units: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(0)
    numbers = {f"number_{at}": random.normal(size=n_units) for at in range(8)}
    return pd.DataFrame(numbers | {f"category_{at}": random.choice(list("ABCD"), n_units) for at in range(4)})


@pytest.mark.parametrize(
    "features", [noise(), PlantedMixture.plant(n_segments=1, seed=1).draw(300)[0]], ids=["all noise", "one cluster"]
)
def test_where_there_are_no_groups_all_units_stay_together(features: pd.DataFrame) -> None:
    found = discover(features, n_bootstraps=2)
    assert set(found.labels) == {0}
    assert found.document.label(features).tolist() == [0] * len(features)
    assert found.words.startswith("One segment is more probable than any number of them")
    assert not found.figures["proposed"].any()


def test_in_noise_no_dense_region_holds() -> None:
    found = discover(noise(), "famd_hdbscan", n_bootstraps=5)
    assert found.proposal.chosen is None
    assert "they are best left together" in found.words or "No number of segments holds" in found.words


def test_eight_units_are_too_few_in_words() -> None:
    features, _ = PlantedMixture.plant(seed=1).draw(8)
    found = discover(features)
    assert set(found.labels) == {0}
    assert found.words == "8 units are too few to look for segments: at least 16 are needed to tell two apart."
    assert found.figures.empty


def test_a_person_may_still_ask_for_two_segments_of_eight_and_is_warned() -> None:
    features, _ = PlantedMixture.plant(seed=1).draw(8)
    found = discover(features, k=2, n_bootstraps=5)
    assert set(found.labels) == {0, 1}
    assert found.proposal.reasons == ("2 segments, as was asked for.",)
    assert any("provisional" in caveat for caveat in found.proposal.caveats)


def test_a_constant_column_changes_nothing_but_a_note() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=2).draw(120)
    plain = discover(features, n_bootstraps=1)
    constant = discover(features.assign(country="UK", floors=1), n_bootstraps=1)
    assert np.array_equal(plain.labels, constant.labels)
    assert constant.notes == (
        "'country' is left out: it is 'UK' for every unit",
        "'floors' is left out: it is 1 for every unit",
    )
    assert "Note: 'country' is left out" in constant.words


def test_a_category_never_seen_is_named_and_the_unit_is_labelled_by_the_rest() -> None:
    planted = PlantedMixture.plant(noise="low", seed=2)
    features, _ = planted.draw(200)
    new, _ = planted.draw(100, draw=1)
    document = discover(features, n_bootstraps=1).document
    detail = describe_mixture(document, new.assign(category_1="kiosk"))
    assert "100 of the units have a 'category_1' that was never seen before ('kiosk')" in detail.notes[0]
    assert (np.array(document.segment_ids)[detail.positions] == document.label(new)).mean() > 0.97


def test_a_store_without_sales_is_labelled_by_its_context() -> None:
    planted = PlantedMixture.plant(noise="low", seed=2)
    features, _ = planted.draw(400)
    new, _ = planted.draw(300, draw=1)
    document = discover(features, n_bootstraps=1).document
    numbers = [str(name) for name in new.filter(like="number")]
    context, half = new.assign(**dict.fromkeys(numbers, np.nan)), new.assign(**dict.fromkeys(numbers[4:], np.nan))
    agreeing = [(document.label(known) == document.label(new)).mean() for known in (context, half, new)]
    sure = [describe_mixture(document, known).probabilities.mean() for known in (context, half, new)]
    assert agreeing[0] > 0.7
    assert agreeing == sorted(agreeing)
    assert sure == sorted(sure)


def test_missing_values_are_no_obstacle() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=2).draw(300)
    gaps = features.mask(np.random.default_rng(1).random(features.shape) < 0.1)
    gaps.iloc[7] = None
    found = discover(gaps, n_bootstraps=1)
    assert len(found.document.segment_ids) == 6
    assert found.labels[7] == -1
    assert "1 of the units have no feature at all, and no segment" in found.notes


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "dbscan"}, "no method 'dbscan': there are kmeans, mixture"),
        ({"k": 1}, "k must be from 2"),
        ({"k": 60}, "k must be from 2"),
        ({"method": "kmeans", "encodings": ["rank"]}, "no encoding 'rank'"),
    ],
)
def test_an_option_that_does_not_exist_is_named(options: dict[str, object], words: str) -> None:
    features, _ = PlantedMixture.plant(seed=1).draw(60)
    with pytest.raises(TrainingError, match=words):
        discover(features, **options)  # type: ignore[arg-type]  # wrong on purpose


def test_kmeans_on_categories_works_on_the_axes_and_says_so() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=1).draw(120)
    found = discover(features, "kmeans", k=6, n_bootstraps=1)
    assert found.figures["method"].tolist() == ["famd_kmeans"]
    assert "kmeans takes numbers only" in found.words


def test_stepmix_is_not_asked_about_few_units_and_the_note_says_why() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=1).draw(100)
    found = discover(features, ["mixture", "stepmix"], n_bootstraps=1)
    assert set(found.figures["method"]) == {"mixture"}
    assert "StepMix has no pooled spreads" in found.words


def test_the_table_is_not_changed() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=1).draw(100)
    before = features.copy(deep=True)
    discover(features, ["mixture", "famd_hdbscan"], n_bootstraps=1)
    pd.testing.assert_frame_equal(features, before)


def test_the_same_seed_gives_the_same_discovery() -> None:
    features, _ = PlantedMixture.plant(noise="high", seed=1).draw(100)
    first, again = (discover(features, n_bootstraps=2, seed=4) for _ in range(2))
    assert np.array_equal(first.labels, again.labels)
    assert first.document.to_json() == again.document.to_json()
    pd.testing.assert_frame_equal(first.figures, again.figures)
