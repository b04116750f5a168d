"""Documents that earlier versions of the program wrote are read, and label as they did then.

The files hold a document as the code of its day wrote it, some answers, and what that code said about them.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dtc_model.rule import FloatArray, describe, read_model

FOLDER = Path(__file__).with_name("documents")


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return content


def numbers(values: list[Any]) -> FloatArray:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize("name", ["format_1.json", "format_2.json"])
def test_an_old_document_labels_as_it_did(name: str) -> None:
    then = load(name)
    model = read_model(json.dumps(then["document"]))
    answers = numbers(then["answers"])
    assert model.label(answers, then.get("minimum_answered")).tolist() == then["labels"]


def test_the_distances_of_format_1_are_the_same_to_the_last_digit() -> None:
    then = load("format_1.json")
    assert read_model(json.dumps(then["document"])).distances(numbers(then["answers"])).tolist() == then["distances"]


@pytest.mark.parametrize("fact", ["distances", "probabilities", "fits"])
def test_the_details_of_format_2_are_the_same(fact: str) -> None:
    then = load("format_2.json")
    model = read_model(json.dumps(then["document"]))
    detail = describe(model, numbers(then["answers"]), then["minimum_answered"])
    np.testing.assert_allclose(getattr(detail, fact), numbers(then[fact]), rtol=1e-14)


@pytest.mark.parametrize("name", ["format_1.json", "format_2.json"])
def test_an_old_document_is_written_anew_in_the_newest_format_and_still_labels_alike(name: str) -> None:
    then = load(name)
    again = read_model(json.dumps(then["document"])).to_json()
    assert json.loads(again)["format"] == 3
    labels = read_model(again).label(numbers(then["answers"]), then.get("minimum_answered"))
    assert labels.tolist() == then["labels"]
