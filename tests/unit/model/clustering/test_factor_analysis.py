"""Axes of mixed features, and dense regions on them."""

import numpy as np
import pandas as pd
import pytest
from dtc_model.clustering import (
    FeatureColumns,
    MixedTable,
    density_grid,
    density_validity,
    famd_hdbscan_solutions,
    famd_kmeans_solutions,
)
from dtc_model.discovery import PlantedMixture
from dtc_model.rule import FloatArray, IndexArray, MixtureModel
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score


def prepared(features: pd.DataFrame) -> MixedTable:
    return MixedTable.prepare(features, FeatureColumns.take(features).features())


def test_for_numbers_alone_the_axes_are_the_principal_components() -> None:
    features, _ = PlantedMixture.plant(n_categories=0, n_numbers=6, seed=1).draw(200)
    standardised = (features - features.mean()) / features.std(ddof=0)
    expected = np.abs(PCA().fit_transform(standardised))
    assert np.abs(prepared(features).coordinates) == pytest.approx(expected)


def test_a_category_of_two_levels_weighs_as_much_as_a_number() -> None:
    random = np.random.default_rng(1)
    features = pd.DataFrame({"size": random.normal(size=2_000), "open": random.random(2_000) < 0.3})
    variances = prepared(features).coordinates.var(axis=0)
    assert variances == pytest.approx([1.0, 1.0], abs=0.06)


def test_one_store_alone_is_projected_by_the_shares_of_training() -> None:
    features, _ = PlantedMixture.plant(seed=2).draw(300)
    table = prepared(features)
    solution = next(one for one in famd_kmeans_solutions(table, [6], seed=0))
    written = solution.rule.model(tuple(range(6)), tuple("abcdef"), {}).to_json()
    model = MixtureModel.from_json(written)
    assert np.array_equal(model.label(features), solution.labels)
    alone = [int(model.label(features.iloc[[row]])[0]) for row in range(100)]
    assert alone == solution.labels[:100].tolist()


def two_moons(gap: float) -> tuple[FloatArray, IndexArray]:
    random = np.random.default_rng(0)
    angles = random.uniform(0, np.pi, (2, 300))
    upper = np.column_stack([np.cos(angles[0]), np.sin(angles[0]) + gap])
    lower = np.column_stack([1 - np.cos(angles[1]), 0.5 - np.sin(angles[1])])
    points = np.vstack([upper, lower]) + random.normal(scale=0.05, size=(600, 2))
    return points, np.repeat([0, 1], 300)


def test_the_validity_tells_dense_shapes_from_cuts_through_them() -> None:
    points, moons = two_moons(0.5)
    halves = (points[:, 0] > 0.5).astype(np.intp)
    assert density_validity(points, moons) > 0.3
    assert density_validity(points, halves) < -0.3


def test_the_validity_counts_units_without_a_cluster_against_it() -> None:
    points, moons = two_moons(1.0)
    some = np.where(np.arange(600) % 3 == 0, -1, moons)
    assert density_validity(points, some) < density_validity(points, moons)
    assert np.isnan(density_validity(points, np.full(600, -1)))
    assert np.isnan(density_validity(points, np.zeros(600, dtype=np.intp)))


def test_dense_regions_are_found_and_the_document_labels_whom_they_leave_out() -> None:
    features, planted = PlantedMixture.plant(noise="low", seed=3).draw(500)
    solutions = {one.k: one for one in famd_hdbscan_solutions(prepared(features))}
    found = solutions[6]
    inside = found.labels >= 0
    assert 0.02 < (~inside).mean() < 0.4
    assert adjusted_rand_score(planted[inside], found.labels[inside]) > 0.97
    labels = found.rule.model(tuple(range(6)), tuple("abcdef"), {}).label(features)
    assert adjusted_rand_score(planted, labels) > 0.97
    assert (labels[inside] == found.labels[inside]).mean() > 0.97


def test_every_point_of_a_grid_has_its_figures() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=3).draw(300)
    coordinates = prepared(features).coordinates
    points = list(density_grid(coordinates, components=[5, 6, 99], smallest_shares=[0.04, 0.6], epsilons=[0.0]))
    rows = pd.DataFrame([point.row(coordinates) for point in points])
    assert sorted(set(rows["n_components"])) == [5, 6, coordinates.shape[1]]
    assert len(rows) == 3 * 2 * 2
    few = rows[rows["smallest_share"] == 0.6]
    assert few[["dbcv", "silhouette"]].isna().all(axis=None)
    assert (few["share_without"] == 1).all()
    many = rows[rows["smallest_share"] == 0.04]
    assert many[["dbcv", "silhouette"]].notna().all(axis=None)
    assert many["k"].between(2, 8).all()
