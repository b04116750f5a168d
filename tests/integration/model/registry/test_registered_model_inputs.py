"""The registered model takes through MLflow what the service takes over HTTP: whole numbers, names or none, any container."""

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_model.errors import AnswersError
from dtc_model.registry import ModelRegistry
from dtc_model.rule import SegmentModel

pytestmark = pytest.mark.integration

WHOLE = np.random.default_rng(1).integers(-9, 10, (40, 10))


@pytest.fixture
def loaded(registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The version in production as any client gets it; loading puts its code on the path."""
    import mlflow  # noqa: PLC0415 - slow to import

    registry.ensure_catalogue_in_production()
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(registry.tracking_uri)
    yield mlflow.pyfunc.load_model(f"models:/{registry.name}@production")
    mlflow.set_tracking_uri(before)


@pytest.fixture
def frame(own_catalogue: Catalogue) -> pd.DataFrame:
    return pd.DataFrame(WHOLE, columns=list(own_catalogue.feature_names))


@pytest.fixture
def expected(own_catalogue: Catalogue) -> list[int]:
    labels: list[int] = SegmentModel.from_catalogue(own_catalogue).label(WHOLE).tolist()
    assert len(set(labels)) == len(own_catalogue.segments)
    return labels


def test_frames_dicts_lists_and_arrays_of_any_number_are_labelled_alike(
    loaded: Any, frame: pd.DataFrame, expected: list[int]
) -> None:
    names = list(frame.columns)
    forms: dict[str, Any] = {
        dtype: frame.astype(dtype) for dtype in ("int64", "int8", "float32", "float64", "Int64", "Float32", "object")
    }
    forms |= {
        "Arrow numbers": frame.astype("int64[pyarrow]"),
        "decimals": frame.map(lambda answer: Decimal(int(answer))),
        "other columns, other order": frame[names[::-1]].assign(customer_id="C1"),
        "frame without names": pd.DataFrame(WHOLE),
        "frame by position": pd.DataFrame(WHOLE, columns=[str(number) for number in range(10)]),
        "array": WHOLE,
        "array of doubles": WHOLE.astype(float),
        "list of lists": WHOLE.tolist(),
        "dict of lists": frame.to_dict("list"),
        "dict of arrays": {name: column.to_numpy() for name, column in frame.items()},
        "list of dicts": frame.to_dict("records"),
    }
    assert {name: loaded.predict(form).tolist() for name, form in forms.items()} == dict.fromkeys(forms, expected)


def test_one_respondent_may_come_alone_and_none_at_all(loaded: Any, frame: pd.DataFrame, expected: list[int]) -> None:
    assert loaded.predict(frame.iloc[3].to_dict()).tolist() == expected[3:4]
    assert loaded.predict(frame.iloc[3]).tolist() == expected[3:4]
    assert loaded.predict([]).tolist() == loaded.predict(frame.iloc[:0]).tolist() == []


def test_yes_and_no_are_numbers(loaded: Any, frame: pd.DataFrame) -> None:
    truths = frame > 0
    labels = loaded.predict(truths).tolist()
    assert labels == loaded.predict(truths.astype("boolean")).tolist() == loaded.predict(truths.astype(int)).tolist()


def test_what_cannot_be_labelled_is_refused_with_the_feature(loaded: Any, frame: pd.DataFrame) -> None:
    refused: dict[str, Any] = {
        "no answer for x3:": frame.drop(columns="x3"),
        "no answer for x1, x2, .* has 3: 0, 1, 2": WHOLE[:, :3],
        "feature 'x4': answers are of type object": frame.assign(x4="2"),
        "feature 'x5': answers are of type datetime64": frame.assign(x5=pd.Timestamp("2025-01-01")),
        "row 1 .*, feature 'x6': nan": frame.astype("Int64")
        .mask(frame.index.to_series() == 1, pd.NA)[["x6"]]
        .join(frame.drop(columns="x6")),
        "the same feature came twice: x7": pd.concat([frame, frame[["x7"]]], axis=1),
        "cannot read this str": "x1",
    }
    for message, form in refused.items():
        with pytest.raises(AnswersError, match=message):
            loaded.predict(form)


def test_the_scoring_server_of_mlflow_takes_all_its_forms(
    loaded: Any, frame: pd.DataFrame, expected: list[int]
) -> None:
    from mlflow.pyfunc.scoring_server import invocations  # noqa: PLC0415 - slow to import

    forms: list[dict[str, Any]] = [
        {"dataframe_split": {"columns": list(frame.columns), "data": WHOLE.tolist()}},
        {"dataframe_split": {"data": WHOLE.tolist()}},
        {"dataframe_records": frame.to_dict("records")},
        {"inputs": frame.to_dict("list")},
        {"inputs": frame.to_dict("records")},
        {"inputs": WHOLE.tolist()},
        {"instances": frame.to_dict("records")},
        {"instances": WHOLE.tolist()},
    ]
    bodies = [("application/json", json.dumps(form)) for form in forms] + [("text/csv", frame.to_csv(index=False))]
    for media_type, body in bodies:  # what `mlflow models serve` does with a request
        response = invocations(body, media_type, loaded, loaded.metadata.get_input_schema())
        assert (response.status, json.loads(response.response)) == (200, {"predictions": expected}), body[:60]
