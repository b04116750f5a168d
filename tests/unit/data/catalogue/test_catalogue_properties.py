"""Properties that hold for any catalogue, not only for ours."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from dtc_data import Catalogue, load_catalogue
from dtc_data.core import CatalogueError, objection_to_feature, objection_to_table
from hypothesis import given
from hypothesis import strategies as st

TURNERS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
READABLE = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=TURNERS)
NAMES = st.text(READABLE, min_size=1, max_size=20).filter(str.strip)
SQL_NAMES = st.from_regex(r"\A[a-z_][a-z0-9_]{0,20}\Z")
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-1_000, 1_000)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a valid catalogue as a person could write it."""
    feature_names = draw(
        st.lists(
            SQL_NAMES.filter(lambda name: objection_to_feature(name) is None and name not in {"id", "date"}),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    centroids = draw(
        st.lists(
            st.lists(NUMBERS, min_size=len(feature_names), max_size=len(feature_names)),
            min_size=2,
            max_size=5,
            unique_by=lambda centroid: tuple(round(value, 3) for value in centroid),
        )
    )
    ids = draw(st.lists(st.integers(0, 2**31 - 1), min_size=len(centroids), max_size=len(centroids), unique=True))
    names = draw(st.lists(NAMES, min_size=len(centroids), max_size=len(centroids), unique=True))
    return {
        "name": draw(NAMES),
        "unit_table": draw(SQL_NAMES.filter(lambda name: objection_to_table(name) is None)),
        "registered_model": draw(st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_. -]{0,20}\Z")),
        "missing_answers": {"minimum_answered": draw(st.none() | st.integers(1, len(feature_names)))},
        "features": [{"name": name, "scale": draw(st.floats(1e-3, 1e3)), "description": draw(st.text())} for name in feature_names],
        "personas": [
            {"id": id_, "name": name, "description": draw(NAMES), "centroid": centroid}
            for id_, name, centroid in zip(ids, names, centroids, strict=True)
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("catalogues") / "personas.yaml"


def load(document: dict[str, Any], path: Path) -> Catalogue:
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return load_catalogue(path)


@given(document=documents())
def test_a_catalogue_comes_back_from_yaml_as_it_was(document: dict[str, Any], path: Path) -> None:
    catalogue = load(document, path)

    assert catalogue.centroids.tolist() == [segment["centroid"] for segment in document["personas"]]
    assert load(catalogue.model_dump(mode="json"), path) == catalogue


@given(document=documents(), data=st.data())
def test_segments_in_another_order_are_another_catalogue_with_the_same_segments(
    document: dict[str, Any], data: st.DataObject, path: Path
) -> None:
    order = data.draw(st.permutations(range(len(document["personas"]))))
    permuted = load({**document, "personas": [document["personas"][position] for position in order]}, path)

    original = load(document, path)
    assert {segment.id: segment for segment in permuted.segments} == {
        segment.id: segment for segment in original.segments
    }
    assert permuted.centroids.tolist() == original.centroids[order].tolist()


@given(document=documents(), data=st.data())
def test_one_wrong_entry_makes_the_whole_catalogue_invalid(
    document: dict[str, Any], data: st.DataObject, path: Path
) -> None:
    wrong = copy.deepcopy(document)
    segment = data.draw(st.sampled_from(wrong["personas"]))
    feature = data.draw(st.sampled_from(wrong["features"]))
    other = data.draw(st.sampled_from([other for other in wrong["personas"] if other is not segment]))
    mistakes = {
        "number lost": segment["centroid"].pop,
        "number too many": lambda: segment["centroid"].append(1.0),
        "no number": lambda: segment["centroid"].__setitem__(-1, data.draw(st.sampled_from([math.nan, math.inf, "1", True, None]))),
        "same id": lambda: segment.update(id=other["id"]),
        "same name": lambda: segment.update(name=other["name"]),
        "same centroid": lambda: segment.update(centroid=list(other["centroid"])),
        "unknown key": lambda: segment.update(unknown=1),
        "feature repeated": lambda: wrong["features"].append(dict(feature)),
        "feature renamed": lambda: feature.update(name=feature["name"].upper() + "-"),
    }  # fmt: skip
    mistakes[data.draw(st.sampled_from(sorted(mistakes)))]()

    with pytest.raises(CatalogueError, match=str(path)):
        load(wrong, path)
