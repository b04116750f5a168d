"""What is not a persona model: contradictions, and broken documents."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from dtc_model.errors import ModelBrokenError
from dtc_model.rule import SegmentModel

SOUND: dict[str, Any] = {
    "feature_names": ("f", "g"),
    "scales": np.ones(2),
    "centroids": np.array([[0.0, 1.0], [2.0, 3.0]]),
    "segment_ids": (1, 2),
    "segment_names": ("a", "b"),
}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"feature_names": ("f", "f")}, "a feature name is given twice"),
        ({"feature_names": ("f",)}, "do not fit to 1 features"),
        ({"feature_names": (), "scales": np.ones(0), "centroids": np.empty((2, 0))}, "it has 0 features"),
        ({"scales": np.array([1.0, 0.0])}, "a scale is not a positive number"),
        ({"scales": np.array([1.0, -1.0])}, "a scale is not a positive number"),
        ({"scales": np.array([1.0, np.inf])}, "a scale is not a positive number"),
        ({"scales": np.ones(3)}, "do not fit to 2 features"),
        ({"centroids": np.array([[0.0, 1.0], [2.0, np.nan]])}, "a centroid is not finite or too large"),
        ({"centroids": np.array([[0.0, 1.0], [2.0, 1e300]])}, "a centroid is not finite or too large"),
        ({"centroids": np.array([[0.0, 1.0]])}, "do not fit to 2 segments"),
        ({"centroids": np.zeros(2)}, "do not fit to 2 segments"),
        ({"segment_ids": (1, 1)}, "a segment id is given twice"),
        ({"segment_ids": (1, 2, 3)}, "3 segment ids and 2 segment names"),
        (
            {"segment_ids": (1,), "segment_names": ("a",), "centroids": np.zeros((1, 2))},
            "1 segment ids and 1 segment names",
        ),
        ({"segment_names": ("a", "a")}, "a segment name is given twice"),
        ({"segment_names": ("a",)}, "2 segment ids and 1 segment names"),
    ],
)
def test_a_model_that_contradicts_itself_cannot_be_made(wrong: dict[str, Any], words: str) -> None:
    SegmentModel.of_numbers(**SOUND)
    with pytest.raises(ModelBrokenError, match=f"the model is broken: .*{words}"):
        SegmentModel.of_numbers(**SOUND | wrong)


def test_a_document_keeps_names_in_any_script_and_where_the_model_comes_from() -> None:
    model = SegmentModel.of_numbers(**SOUND | {"segment_names": ("Zoë", "環境派"), "provenance": {"source": "test"}})
    again = SegmentModel.from_json(model.to_json())
    assert again.segment_names == ("Zoë", "環境派")
    assert dict(again.provenance) == {"source": "test"}


def document(change: Callable[[dict[str, Any]], Any]) -> str:
    content = json.loads(SegmentModel.of_numbers(**SOUND).to_json())
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a JSON document"),
        ("{", "not a JSON document"),
        ("[]", "not a mapping with a format"),
        ("3", "not a mapping with a format"),
        ("[" * 100_000, "not a JSON document"),
        (document(lambda d: d.pop("format")), "not a mapping with a format"),
        (document(lambda d: d.pop("segments")), "segments: "),
        (document(lambda d: d.pop("provenance")), "provenance: "),
        (document(lambda d: d.update(format=4)), "has format 4"),
        (document(lambda d: d.update(format="1")), "has format '1'"),
        (document(lambda d: d.update(unheard_of=1)), "unheard_of: "),
        (document(lambda d: d.update(features=[])), "there are 0 columns"),
        (document(lambda d: d.update(segments=d["segments"][:1])), "1 segment ids and 1 segment names"),
        (document(lambda d: d["features"][0].update(scale="1.0")), "features.0.scale: "),
        (document(lambda d: d["features"][0].update(scale=0)), "features.0.scale: Input should be greater than 0"),
        (document(lambda d: d["features"][0].update(name="")), "features.0.name: "),
        (document(lambda d: d["features"][0].update(name="g")), "a feature name is given twice"),
        (document(lambda d: d["segments"][0].update(id=2)), "a segment id is given twice"),
        (document(lambda d: d["segments"][0].update(id=True)), "segments.0.id: "),
        (document(lambda d: d["segments"][0].update(id=-1)), "segments.0.id: "),
        (document(lambda d: d["segments"][0].update(id=1.0)), "segments.0.id: "),
        (document(lambda d: d["segments"][0].update(id=2**31)), "segments.0.id: "),
        (document(lambda d: d["segments"][0].update(name="b")), "a segment name is given twice"),
        (document(lambda d: d["segments"][0].update(name=None)), "segments.0.name: "),
        (
            document(lambda d: d["segments"][0]["centroid"].append(1.0)),
            "'a' has a centroid of 3 numbers, but there are 2",
        ),
        (document(lambda d: d["segments"][0].update(centroid=["1.0", 2.0])), "segments.0.centroid.0: "),
        (document(lambda d: d["segments"][0].update(centroid=[float("nan"), 2.0])), "segments.0.centroid.0: "),
        (document(lambda d: d["segments"][0].update(centroid=[float("inf"), 2.0])), "segments.0.centroid.0: "),
        (document(lambda d: d["segments"][0].update(centroid=[1e300, 2.0])), "a centroid is not finite or too large"),
        (document(lambda d: d["segments"][0].update(centroid=[10**400, 2.0])), "segments.0.centroid.0: "),
        (document(lambda d: d["provenance"].update(k=3)), "provenance.k: "),
    ],
)
def test_a_broken_document_is_refused(text: str, words: str) -> None:
    with pytest.raises(ModelBrokenError, match="the model ") as refused:
        SegmentModel.from_json(text)
    assert words in str(refused.value)


def test_a_document_of_a_newer_format_says_so() -> None:
    with pytest.raises(ModelBrokenError, match="format 4, but this program reads 1, 2, 3"):
        SegmentModel.from_json(document(lambda d: d.update(format=4)))


def test_a_document_of_format_1_is_still_read() -> None:
    def older(content: dict[str, Any]) -> None:
        content.update(format=1, personas=content.pop("segments"))
        for entry in ("kind", "projection", "reference"):
            del content[entry]

    model = SegmentModel.from_json(document(older))
    assert model.reference is None
    assert model.to_json() == SegmentModel.of_numbers(**SOUND).to_json()
