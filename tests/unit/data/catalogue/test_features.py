"""Features of every type: what is valid, how a centroid is written, and how each mistake is named."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from dtc_data import Catalogue, load_catalogue
from dtc_data.catalogue import LARGEST_SCALED, FeatureEncoding
from dtc_data.core import CatalogueError
from fakes.mixed_features import MIXED

Document = dict[str, Any]
Change = Callable[[Document], None]


def read(document: Document, folder: Path) -> Catalogue:
    path = folder / "mixed.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return load_catalogue(path)


def test_all_types_are_read_with_what_is_valid(tmp_path: Path) -> None:
    catalogue = read(MIXED, tmp_path)
    valid = {feature.name: feature.words_for_valid for feature in catalogue.features}
    assert valid == {
        "income": "a number from 0 to 1e+06",
        "calm": "a whole number from 1 to 6",
        "how_often": "one of never, sometimes, often",
        "owns_car": "yes (1) or no (0)",
        "region": "one of north, south, abroad",
    }
    assert catalogue.limits.tolist() == [[0, 1, 1, 0, 0], [1e6, 6, 3, 1, 2]]


def test_a_centroid_has_a_column_for_each_value_of_a_category(tmp_path: Path) -> None:
    catalogue = read(MIXED, tmp_path)
    assert catalogue.centroid_columns == (
        *("income", "calm", "how_often", "owns_car"),
        *("region = north", "region = south", "region = abroad"),
    )
    # calm is reversed: the vendor's 5 is a 2 as it was asked.
    assert catalogue.centroids.tolist() == [[3000, 2, 2, 0.25, 1, 0, 0], [500, 5.5, 2.5, 0.75, 0.25, 0.75, 0]]


def test_a_category_s_columns_are_divided_by_the_root_of_the_values_shares(tmp_path: Path) -> None:
    assert read(MIXED, tmp_path).scales[4:].tolist() == np.sqrt(np.array([0.5, 0.3, 0.2])).tolist()


def test_values_may_be_written_with_their_shares(tmp_path: Path) -> None:
    document = copy.deepcopy(MIXED)
    del document["features"][4]["shares"]
    document["features"][4]["values"] = {"north": 0.5, "south": 0.3, "abroad": 0.2}
    assert read(document, tmp_path) == read(MIXED, tmp_path)


def test_centroids_may_be_given_in_the_vendor_s_z_scores(tmp_path: Path) -> None:
    document = copy.deepcopy(MIXED) | {"centroid_units": "z"}
    for feature, (mean, sd) in zip(document["features"][:4], [(7, 2), (4, 1), (2, 0.5), (0.5, 0.5)], strict=True):
        feature.pop("scale", None)
        feature.update(mean=mean, sd=sd)
    document["segments"][0]["centroid"] = [0.5, 1.0, -2.0, -0.5, "north"]
    document["segments"][1]["centroid"] = [0.0, 0.0, 0.0, 0.0, "south"]
    centroid = read(document, tmp_path).centroids[0]
    assert centroid == pytest.approx([np.expm1(8.0), 7 - 5.0, 1.0, 0.25, 1, 0, 0])


def test_a_catalogue_of_all_types_comes_back_from_yaml_as_it_was(tmp_path: Path) -> None:
    catalogue = read(MIXED, tmp_path)
    again = read(catalogue.model_dump(mode="json"), tmp_path)
    assert again == catalogue
    assert np.array_equal(again.centroids, catalogue.centroids)


def test_arrays_are_computed_once_and_cannot_be_written_to(tmp_path: Path) -> None:
    catalogue = read(MIXED, tmp_path)
    assert catalogue.centroids is catalogue.centroids
    with pytest.raises(ValueError, match="read-only"):
        catalogue.centroids[0, 0] = 1.0


def test_a_changed_copy_has_arrays_of_its_own(tmp_path: Path) -> None:
    catalogue = read(MIXED, tmp_path)
    before = catalogue.centroids.copy()
    turned = catalogue.model_copy(update={"segments": catalogue.segments[::-1]})
    assert np.array_equal(turned.centroids, before[::-1])


def put(feature: int, **entries: Any) -> Change:
    """Make a change that sets entries of a feature."""
    return lambda document: document["features"][feature].update(entries)


def centroid(position: int, value: Any) -> Change:
    """Make a change of the first segment's centroid."""
    return lambda document: document["segments"][0]["centroid"].__setitem__(position, value)


def same_code(document: Document) -> None:
    """Return both segments the same code."""
    for segment in document["segments"]:
        segment["code"] = "A"


INCOME, CALM, HOW_OFTEN, CAR, REGION = range(5)

MISTAKES: dict[str, tuple[Change, str]] = {
    "unknown type": (put(INCOME, type="amount"), "features number 1 ('income'), type: "),
    "values of a number": (put(INCOME, values=["a", "b"]), "only categories and grades have values"),
    "shares of a grade": (put(HOW_OFTEN, shares=[0.2, 0.3, 0.5]), "only a category has shares"),
    "log of what may be negative": (put(INCOME, minimum=-1), "log1p needs a minimum of at least 0"),
    "quantiles alone": (put(CALM, quantiles=[1, 2]), "transform quantile and quantiles stand together"),
    "quantile alone": (put(CALM, transform="quantile"), "transform quantile and quantiles stand together"),
    "quantiles that fall": (put(CALM, transform="quantile", quantiles=[2, 1]), "quantiles must ascend"),
    "mean alone": (put(CALM, mean=3.0), "mean and sd stand together"),
    "scale and sd": (put(INCOME, mean=1.0, sd=2.0, scale=3.0), "sd is the divisor already: leave scale out"),
    "weight zero": (put(CAR, weight=0), "weight: "),
    "grade without range": (lambda d: d["features"][CALM].pop("maximum"), "a grade needs whole numbers"),
    "range of a grade in words": (put(HOW_OFTEN, minimum=1), "the values are 1, 2, 3 and so on: leave minimum out"),
    "range of yes or no": (put(CAR, maximum=1), "yes is 1 and no is 0: leave maximum out"),
    "reversed without a range": (
        lambda d: d["features"].__setitem__(INCOME, {"name": "income", "reversed": True}),
        "a reversed feature needs a minimum and a maximum",
    ),
    "scale of a category": (put(REGION, scale=2.0), "a category has no order: leave scale out, and use weight"),
    "one value": (put(REGION, values=["north"], shares=[1.0]), "values: a category needs at least two"),
    "a value twice": (put(REGION, values=["north", "north", "abroad"]), "holds a value twice"),
    "a value that YAML reads as yes": (put(REGION, values=["north", True, "abroad"]), "must be text, not True"),
    "no shares": (lambda d: d["features"][REGION].pop("shares"), "must be the share of each of the 3 values"),
    "shares that are not whole": (put(REGION, shares=[0.5, 0.3, 0.1]), "1 in all"),
    "a share of zero": (put(REGION, shares=[0.7, 0.3, 0.0]), "shares number 3: "),
    "missing code that is an answer": (put(CALM, missing=[6]), "missing code 6.0 is a valid answer, too"),
    "missing code that is a value": (put(REGION, missing=["south"]), "missing code 'south' is a valid answer, too"),
    "missing code that is not a code": (put(CALM, missing=[None]), "missing number 1: must be a number"),
    "number as a typical category": (centroid(REGION, 2), "must be one of north, south, abroad, or the share of each"),
    "unknown typical category": (centroid(REGION, "east"), "'Comfortable': the centroid's 'east' for 'region' holds 'east'"),
    "shares of a segment": (centroid(REGION, {"north": 0.5}), "must hold shares from 0 to 1, and 1 in all"),
    "shares of a number": (centroid(INCOME, {"north": 1}), "must be a number: only a category has shares"),
    "unknown word of a grade": (centroid(HOW_OFTEN, "daily"), "the centroid's 'daily' for 'how_often' must be a number"),
    "z without sd": (lambda d: d.update(centroid_units="z"), "centroid_units is z, but feature 'income' has no mean and sd"),
    "projection of another size": (lambda d: d.update(projection=[[1.0]] * 5), "for each of the 7 columns"),
    "a colour that is none": (lambda d: d["segments"][0].update(colour="red"), "colour: "),
    "a code twice": (same_code, "segment code 'A' is given twice"),
    "a code that is an id": (lambda d: d["segments"][0].update(code="2"), "code '2' is also the id of a segment"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_with_its_entry(mistake: str, tmp_path: Path) -> None:
    change, expected = MISTAKES[mistake]
    document = copy.deepcopy(MIXED)
    change(document)
    with pytest.raises(CatalogueError) as caught:
        read(document, tmp_path)
    assert expected in str(caught.value)


def test_a_copy_that_differs_computes_again_what_follows_from_its_keys() -> None:
    feature = FeatureEncoding(name="visits", scale=2.0)
    assert (feature.number_scale.divisor, feature.limits[1]) == (2.0, 2.0 * LARGEST_SCALED)
    wider = feature.model_copy(update={"scale": 4.0})
    assert (wider.number_scale.divisor, wider.limits[1]) == (4.0, 4.0 * LARGEST_SCALED)
    assert feature == FeatureEncoding(name="visits", scale=2.0)


def test_the_limits_of_a_question_do_not_change_which_answers_have_a_distance() -> None:
    asked = FeatureEncoding(name="visits", scale=2.0, minimum=0.0, maximum=7.0)
    assert asked.limits == (0.0, 7.0)
    assert asked.computable == FeatureEncoding(name="visits", scale=2.0).limits
