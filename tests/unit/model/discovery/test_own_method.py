"""A method that somebody tries, with the figures of a sweep."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.catalogue import answer_matrix
from dtc_model.discovery import match_entry, match_segments, run_sweep, sweep_by
from dtc_model.errors import TrainingError
from dtc_model.rule import FloatArray, SegmentMixture
from fakes.waves import JANUARY, answers_around
from sklearn.cluster import AgglomerativeClustering, KMeans

Labels = npt.NDArray[np.integer[Any]]


def hierarchical(answers: FloatArray, _seed: int) -> Labels:
    labels: Labels = AgglomerativeClustering(3).fit_predict(answers)
    return labels


def test_another_method_that_finds_the_same_segments_has_the_figures_of_kmeans(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *JANUARY)
    (own,) = sweep_by(hierarchical, answers, catalogue, n_bootstraps=3).entries
    usual = run_sweep(answers, catalogue, ks=[3], n_bootstraps=3).entry(3)
    assert own.metrics == pytest.approx(usual.metrics, rel=0.1)
    assert match_segments(own.centroids, catalogue).complete
    assert own.shares.sum() == pytest.approx(1)


def test_units_that_a_method_leaves_out_shape_no_centroid_and_are_labelled_all_the_same(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *JANUARY)

    def sparse(scaled: FloatArray, seed: int) -> Labels:
        labels = KMeans(3, n_init=3, random_state=seed).fit_predict(scaled) * 7  # with gaps between the numbers
        return np.where(np.arange(len(scaled)) % 3 == 0, -1, labels)

    sweep = sweep_by(sparse, answers, catalogue, n_bootstraps=2)
    (entry,) = sweep.entries
    assert (entry.k, sweep.n_units) == (3, len(answers))
    kept = np.arange(len(answers)) % 3 != 0
    usual = run_sweep(answers[kept], catalogue, ks=[3], n_bootstraps=1).entry(3)
    ours, theirs = (entry_.centroids[np.argsort(entry_.centroids[:, 0])] for entry_ in (entry, usual))
    assert ours == pytest.approx(theirs, rel=0.05)


def test_a_method_that_finds_no_segments_is_told_so(catalogue: Catalogue) -> None:
    answers = answers_around(catalogue.centroids, *JANUARY)
    with pytest.raises(TrainingError, match=r"found one cluster among .* respondents: there is nothing to register"):
        sweep_by(lambda scaled, _: np.zeros(len(scaled), dtype=int), answers, catalogue)
    with pytest.raises(TrainingError, match="found no cluster among"):
        sweep_by(lambda scaled, _: np.full(len(scaled), -1), answers, catalogue)
    with pytest.raises(TrainingError, match="a whole number for each of the"):
        sweep_by(lambda scaled, _: scaled.mean(axis=1), answers, catalogue)
    with pytest.raises(TrainingError, match="of shape"):
        sweep_by(lambda _, __: np.zeros(3, dtype=int), answers, catalogue)


SHOPS = Catalogue.model_validate(
    {
        "name": "Shops",
        "registered_model": "shop_mixture",
        "rule": "mixture",
        "missing_answers": {"minimum_answered": 2},
        "features": [
            {"name": "size", "transform": "log1p"},
            {"name": "basket"},
            {"name": "place", "type": "category", "values": ["centre", "road"], "shares": [0.5, 0.5]},
        ],
        "segments": [
            {
                "id": 4,
                "name": "Corner",
                "share": 0.6,
                "spreads": [0.4, 3, 1],
                "centroid": [80, 12, {"centre": 0.9, "road": 0.1}],
            },
            {
                "id": 2,
                "name": "Market",
                "share": 0.4,
                "spreads": [0.4, 9, 1],
                "centroid": [900, 45, {"centre": 0.2, "road": 0.8}],
            },
        ],
    }
)


def test_where_the_rule_is_a_mixture_the_clusters_become_one() -> None:
    random = np.random.default_rng(1)
    is_market = random.random(400) < 0.4
    shops = pd.DataFrame(
        {
            "size": np.where(is_market, 900, 80) * random.lognormal(0, 0.4, 400),
            "basket": random.normal(np.where(is_market, 45, 12), np.where(is_market, 9, 3)),
            "place": np.where(random.random(400) < np.where(is_market, 0.8, 0.1), "road", "centre"),
        }
    )
    shops.loc[::10, "basket"] = np.nan
    answers = answer_matrix(shops, SHOPS.features)

    def by_size(scaled: FloatArray, _seed: int) -> Labels:
        return np.asarray(scaled[:, 0] > np.log(270), dtype=int)

    (entry,) = sweep_by(by_size, answers, SHOPS, n_bootstraps=2).entries
    found = match_entry(entry, SHOPS).to_model(SHOPS, {})
    assert isinstance(found, SegmentMixture)
    assert (found.label(answers, 2) == np.where(is_market, 2, 4)).mean() > 0.97
    assert found.shares == pytest.approx([0.6, 0.4], abs=0.05)
    assert found.spreads[:, 1] == pytest.approx([4, 9], rel=0.2)  # some shops of the other kind are among the corners
