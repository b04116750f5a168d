"""Documents of several kinds of model, each read by a class of its own."""

import json

import pytest
from dtc_model.errors import ModelBrokenError
from dtc_model.rule import SegmentModel, kinds, read_model

MODEL = SegmentModel.of_numbers(("f", "g"), [1.0, 2.0], [[0.0, 1.0], [2.0, 3.0]], (1, 2), ("a", "b"))


def of_kind(kind: object) -> str:
    return json.dumps(json.loads(MODEL.to_json()) | {"kind": kind})


def test_a_document_says_of_which_kind_it_is() -> None:
    assert json.loads(MODEL.to_json())["kind"] == "nearest_centroid"
    assert read_model(MODEL.to_json()).to_json() == MODEL.to_json()


@pytest.mark.parametrize("kind", ["trees", "churn", "", 3, None, ["nearest_centroid"]])
def test_a_kind_that_the_program_does_not_know_is_refused_by_name(kind: object) -> None:
    with pytest.raises(ModelBrokenError) as refused:
        read_model(of_kind(kind))
    assert f"of the kind {kind!r}, but this program knows nearest_centroid" in str(refused.value)


def test_a_document_of_another_kind_is_no_nearest_centroid_model() -> None:
    with pytest.raises(ModelBrokenError, match="kind: "):
        SegmentModel.from_json(of_kind("mixture"))


class Elsewhere(SegmentModel):
    """A kind that another module brings along."""


def test_a_module_can_bring_a_kind_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    class_of_kind = f"{__name__}:Elsewhere"
    monkeypatch.setitem(kinds.KINDS, "nearest_centroid", class_of_kind)
    monkeypatch.setattr(kinds, "import_module", lambda _: __import__("sys").modules[__name__])
    assert isinstance(read_model(MODEL.to_json()), Elsewhere)
