"""Refits of segments of mixed features, and the methods beside the mixture."""

import numpy as np
import pandas as pd
import pytest
from dtc_model.discovery import NOISE, Discovery, NoiseLevel, PlantedMixture, discover
from dtc_model.errors import TrainingError
from dtc_model.rule import MixtureModel
from sklearn.metrics import adjusted_rand_score


def test_the_other_methods_stand_beside_and_do_not_decide() -> None:
    planted = PlantedMixture.plant(noise="middle", seed=1)
    features, truth = planted.draw(400)
    found = discover(features, "all", n_bootstraps=2)
    figures = found.figures
    assert set(figures["method"]) == {"mixture", "stepmix", "famd_kmeans", "famd_hdbscan"}
    assert figures.loc[figures["proposed"], "method"].tolist() == ["mixture"]
    assert adjusted_rand_score(truth, found.labels) > 0.9
    by_method = figures.groupby("method")
    assert by_method["bic"].count()[["mixture", "stepmix"]].gt(0).all()
    assert by_method["dbcv"].count().gt(0).all()
    assert by_method["share_without"].max()["famd_hdbscan"] > 0.1
    # Every solution with its units, and who they are.
    assert found.members.shape == (400, len(figures))
    for (name, members), (_, row) in zip(found.members.items(), figures.iterrows(), strict=True):
        assert str(name) == f"{row['method']} {row['encoding']} k = {row['k']}"
        assert tuple(np.bincount(members[members >= 0], minlength=row["k"])) == row["units"]
        assert (members < 0).mean() == pytest.approx(row["share_without"])


def discovered(n_units: int = 200, noise: NoiseLevel = "low", seed: int = 3) -> tuple[pd.DataFrame, Discovery]:
    features, _ = PlantedMixture.plant(noise=noise, seed=seed).draw(n_units)
    return features, discover(features, n_bootstraps=1)


def test_ids_and_names_survive_whatever_order_the_units_come_in() -> None:
    features, found = discovered()
    document = MixtureModel.from_json(found.document.to_json())
    named = document.to_json().replace('"segment 2"', '"Flagships"')
    production = MixtureModel.from_json(named)
    later = discover(features.sample(frac=1, random_state=1), production=production, n_bootstraps=1)
    assert later.document.segment_ids == production.segment_ids
    assert later.document.segment_names == production.segment_names
    assert later.matched is not None
    assert later.matched.relabelled_share < 0.01
    assert not later.matched.missing


def test_another_number_of_segments_keeps_the_ids_of_those_that_stay() -> None:
    features, found = discovered()
    fewer = discover(features, k=5, production=found.document, n_bootstraps=1)
    more = discover(features, k=7, production=found.document, n_bootstraps=1)
    assert fewer.matched is not None
    assert more.matched is not None
    assert set(fewer.document.segment_ids) < set(found.document.segment_ids)
    assert len(fewer.matched.missing) == 1
    assert set(more.document.segment_ids) == {*found.document.segment_ids, 6}
    assert more.document.segment_names[more.document.segment_ids.index(6)] == "unnamed segment 1"


def test_a_moved_unit_stays_where_it_was_put() -> None:
    features, found = discovered()
    unit, segment = features.index[0], (int(found.labels[0]) + 1) % 6
    later = discover(features, production=found.document, held={unit: segment, "gone": 1}, n_bootstraps=1)
    assert later.labels[0] == segment
    assert (later.labels[1:] == found.labels[1:]).mean() > 0.99
    with pytest.raises(TrainingError, match="segment 99, which there is not"):
        discover(features, production=found.document, held={unit: 99})
    with pytest.raises(TrainingError, match="give it as production"):
        discover(features, held={unit: segment})


def test_kmeans_too_is_refitted_from_where_it_was() -> None:
    features, _ = discovered(noise="middle")
    numbers = features.filter(like="number")
    moved = PlantedMixture.plant(noise="middle", seed=3).later(features, 20)
    for table, method in ((numbers, "kmeans"), (features, "famd_kmeans")):
        found = discover(table, method, k=6, encodings=["quantile"], n_bootstraps=1)
        later = discover(moved[table.columns], production=found.document, n_bootstraps=1)
        assert later.figures["method"].tolist() == [method]
        assert later.document.segment_ids == found.document.segment_ids
        assert later.matched is not None
        assert later.matched.relabelled_share <= 0.05


def test_noise_levels_mean_what_they_say() -> None:
    for noise, level in NOISE.items():
        planted = PlantedMixture.plant(noise=noise, seed=1)
        apart = np.linalg.norm(planted.centres[:, None] - planted.centres, axis=2)
        assert apart[np.triu_indices(6, 1)] == pytest.approx(level.distance)
        features, truth = planted.draw(4_000)
        most = features.groupby(truth)["category_1"].agg(lambda levels: levels.value_counts(normalize=True).max())
        assert most.mean() == pytest.approx(level.purity, abs=0.02)
