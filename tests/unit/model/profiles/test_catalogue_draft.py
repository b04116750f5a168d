from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from dtc_data import Catalogue, load_catalogue
from dtc_data.catalogue import answer_matrix
from dtc_model.discovery import PlantedMixture, discover
from dtc_model.errors import TrainingError
from dtc_model.profiles import draft_catalogue, load_naming_rules, propose_names
from dtc_model.rule import EncodingKind, SegmentModel
from fakes.mixtures import small_mixture
from fakes.store_catalogue import some_stores

HEAD = {"name": "Customer value", "unit_table": "customer_value", "registered_model": "customer_value_model"}


def customers_of_three_kinds() -> pd.DataFrame:
    random = np.random.default_rng(1)
    kinds = np.array([(10, 12, 9_000), (300, 1, 80), (60, 4, 900)])
    return pd.DataFrame(
        np.repeat(kinds, 80, axis=0) * random.uniform(0.7, 1.3, (240, 3)), columns=["recency", "frequency", "monetary"]
    )


@pytest.mark.parametrize("encoding", ["raw", "log1p", "quantile"])
def test_a_draft_is_a_catalogue_that_gives_the_labels_of_the_discovery(tmp_path: Path, encoding: EncodingKind) -> None:
    features = customers_of_three_kinds()
    found = discover(features, k=3, encodings=[encoding], n_bootstraps=1)
    names = propose_names(features, found.labels, load_naming_rules())
    draft = draft_catalogue(found.document, head=HEAD, names=names)
    written = tmp_path / "customer_value.yaml"
    written.write_text(yaml.safe_dump(draft, sort_keys=False, allow_unicode=True))
    catalogue = load_catalogue(written)
    assert isinstance(catalogue, Catalogue)
    assert catalogue.segment_ids == found.document.segment_ids
    assert set(catalogue.segment_names) == {one.name for one in names}
    assert [segment.action for segment in catalogue.segments] == [one.action for one in names]
    assert np.array_equal(SegmentModel.from_catalogue(catalogue).label(features.to_numpy()), found.labels)


def test_an_encoding_stands_with_its_feature_and_centroids_stay_in_its_unit() -> None:
    features = customers_of_three_kinds()
    found = discover(features, k=3, encodings=["quantile"], n_bootstraps=1)
    draft = draft_catalogue(found.document, head=HEAD)
    assert [feature["transform"] for feature in draft["features"]] == ["quantile"] * 3
    for segment in draft["segments"]:
        own = features[found.labels == segment["id"]]
        assert ((own.min() <= segment["centroid"]) & (segment["centroid"] <= own.max())).all()


def test_where_many_units_share_a_value_nearly_all_labels_are_those_of_the_discovery() -> None:
    random = np.random.default_rng(2)
    kinds = np.repeat([[1, 20.0], [2, 60.0], [6, 300.0]], 200, axis=0)
    frequency = np.maximum(random.poisson(kinds[:, 0]), 1)
    features = pd.DataFrame({"frequency": frequency, "monetary": kinds[:, 1] * random.lognormal(0, 0.5, 600)})
    found = discover(features, k=3, encodings=["quantile"], n_bootstraps=1)
    catalogue = Catalogue.model_validate(draft_catalogue(found.document, head=HEAD))
    labels = SegmentModel.from_catalogue(catalogue).label(features.to_numpy(dtype=np.float64))
    assert (labels == found.labels).mean() > 0.95


def test_segments_on_axes_of_their_own_are_refused() -> None:
    features, _ = PlantedMixture.plant(noise="low", seed=1).draw(120)
    projected = discover(features, "famd_kmeans", k=3, n_bootstraps=1)
    with pytest.raises(TrainingError, match="found with category_1, category_2"):
        draft_catalogue(projected.document, head=HEAD)


def test_a_mixture_of_numbers_and_categories_is_drafted_whole() -> None:
    features = some_stores(n_stores=400)
    found = discover(features, "mixture", k=2, n_bootstraps=1, spreads=("own",))
    draft = draft_catalogue(
        found.document, head={"name": "Stores", "registered_model": "stores"}, words={"question": {"size": "Floor"}}
    )
    catalogue = Catalogue.model_validate(draft)
    assert (catalogue.rule, catalogue.features[0].question, catalogue.features[2].unseen) == (
        "mixture",
        "Floor",
        "missing",
    )
    labels = SegmentModel.from_catalogue(catalogue).label(answer_matrix(features, catalogue.features))
    assert np.array_equal(labels, found.labels)


def test_a_mixture_whose_numbers_vary_together_cannot_be_drafted() -> None:
    document = small_mixture("tied")
    with pytest.raises(TrainingError, match="vary together"):
        draft_catalogue(document, head=HEAD)
