"""Segments of numbers: KMeans over encodings, and which of its solutions is proposed."""

import numpy as np
import pandas as pd
import pytest
from dtc_model.clustering import NO_SEGMENT
from dtc_model.discovery import discover
from dtc_model.rule import IndexArray, MixtureModel
from sklearn.metrics import adjusted_rand_score


def blobs(n_segments: int = 4, n_units: int = 400, seed: int = 1) -> tuple[pd.DataFrame, IndexArray]:
    random = np.random.default_rng(seed)
    planted = random.integers(n_segments, size=n_units)
    centres = np.random.default_rng(seed).normal(0, 6, (n_segments, 5))
    values = centres[planted] + random.normal(size=(n_units, 5))
    return pd.DataFrame(values, columns=list("abcde")), planted


def test_planted_segments_are_proposed_without_telling_how_many() -> None:
    features, planted = blobs()
    found = discover(features, n_bootstraps=10)
    assert adjusted_rand_score(planted, found.labels) > 0.97
    assert found.proposal.chosen is not None
    assert found.proposal.chosen.is_sound
    assert "comes back with a Jaccard similarity of" in found.words


def test_every_encoding_and_number_of_segments_stands_beside_the_proposal() -> None:
    features, _ = blobs(n_units=120)
    figures = discover(features.abs(), n_bootstraps=2).figures
    assert figures.groupby("encoding", sort=False)["k"].agg(list).to_dict() == {
        encoding: list(range(2, 11)) for encoding in ("raw", "log1p", "quantile")
    }
    assert figures["proposed"].sum() <= 1
    assert [len(jaccard) for jaccard in figures["jaccard"]] == figures["k"].tolist()
    assert figures["jaccard_min"].tolist() == pytest.approx([min(jaccard) for jaccard in figures["jaccard"]], abs=1e-4)
    measured = figures[["silhouette", "calinski_harabasz", "davies_bouldin", "smallest_share", "share_without"]]
    assert measured.notna().all(axis=None)


def test_the_document_gives_the_units_their_labels_again() -> None:
    features, _ = blobs()
    for encoding in ("raw", "quantile"):
        found = discover(features, k=4, encodings=[encoding], n_bootstraps=2)
        again = MixtureModel.from_json(found.document.to_json())
        assert np.array_equal(again.label(features), found.labels)


def test_the_document_labels_by_the_nearest_centroid() -> None:
    features, _ = blobs()
    document = discover(features, k=5, encodings=["raw"], n_bootstraps=2).document
    new = np.random.default_rng(3).normal(0, 8, (5_000, 5))
    spread = features.std(ddof=0).to_numpy()
    distances = np.linalg.norm((new[:, None] - document.parameters.means) / spread, axis=2)
    assert np.array_equal(document.label(new), np.array(document.segment_ids)[distances.argmin(axis=1)])


def test_segments_are_numbered_from_the_largest() -> None:
    features, _ = blobs()
    sizes = np.bincount(discover(features, k=5, n_bootstraps=2).labels)
    assert sizes.tolist() == sorted(sizes, reverse=True)


def test_numbers_that_have_nothing_to_do_with_one_another_make_no_segments() -> None:
    for seed in range(3):
        features = pd.DataFrame(np.random.default_rng(seed).uniform(size=(600, 3)), columns=["a", "b", "c"])
        found = discover(features, n_bootstraps=10)
        assert found.proposal.chosen is None
        assert set(found.labels) == {0}
        assert found.document.segment_names == ("all units",)
        assert "No number of segments holds" in found.words or "nothing to do with one another" in found.words


def test_two_groups_apart_are_two_segments_and_a_continuum_is_not() -> None:
    random = np.random.default_rng(1)
    apart = pd.DataFrame({"a": np.r_[random.normal(0, 1, 200), random.normal(9, 1, 200)], "b": random.normal(size=400)})
    assert len(discover(apart, encodings=["raw"], n_bootstraps=10).document.segment_ids) == 2
    along = random.normal(size=400)
    continuum = pd.DataFrame({"a": along + random.normal(0, 0.3, 400), "b": along + random.normal(0, 0.3, 400)})
    proposed = discover(continuum, encodings=["raw"], n_bootstraps=10).proposal.chosen
    assert proposed is None or proposed.solution.k != 2


def test_units_with_gaps_are_labelled_by_the_numbers_they_have() -> None:
    features, planted = blobs()
    gaps = features.mask(np.random.default_rng(0).random(features.shape) < 0.1)
    gaps.iloc[0] = np.nan
    found = discover(gaps, k=4, encodings=["raw"], n_bootstraps=2)
    assert adjusted_rand_score(planted, found.labels) > 0.9
    assert found.labels[0] == NO_SEGMENT
    assert "1 of the units have no feature at all" in found.words
