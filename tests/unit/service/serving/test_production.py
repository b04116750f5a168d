import dataclasses

import pytest
from dtc_data import Catalogue, Wave
from dtc_model.errors import ModelBrokenError
from dtc_model.registry import ServedModel, check_agrees
from dtc_model.rule import Encoder, SegmentModel
from dtc_service.batch import WaveLabels


def served_for(catalogue: Catalogue, *feature_names: str) -> ServedModel:
    model = SegmentModel.from_catalogue(catalogue)
    kept = len(feature_names)
    return ServedModel(
        "4",
        dataclasses.replace(
            model,
            encoder=Encoder.of_numbers(feature_names, model.encoder.scales[:kept]),
            centroids=model.centroids[:, :kept],
        ),
    )


def test_a_model_for_the_features_of_the_catalogue_fits(small_catalogue: Catalogue) -> None:
    check_agrees(served_for(small_catalogue, *small_catalogue.feature_names), small_catalogue)


@pytest.mark.parametrize(
    ("feature_names", "difference"),
    [
        (("price", "ecology", "stays"), "'stays' instead of 'visits'"),
        (("ecology", "price", "visits"), "'ecology' instead of 'price'"),
        (("price", "ecology"), "2 instead of 3"),
    ],
)
def test_a_model_for_other_features_is_refused_with_the_first_difference(
    small_catalogue: Catalogue, feature_names: tuple[str, ...], difference: str
) -> None:
    with pytest.raises(ModelBrokenError, match=f"version 4 .*{difference}"):
        check_agrees(served_for(small_catalogue, *feature_names), small_catalogue)


def test_a_wave_in_which_nobody_could_be_labelled_has_shares_of_zero() -> None:
    labels = WaveLabels(Wave(2025, 4), "1", units=2, changed=2, kept_vendor_labels=0, counts={"A": 0, "B": 0})
    assert labels.unlabelled == 2
    assert labels.shares == {"A": 0.0, "B": 0.0}
