"""One rule: HTTP in every form, the month in the database and the model that Mage registers give the same labels."""

import json

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.tables import UnitTable, transaction
from dtc_model.registry import ServedModel
from dtc_model.rule import INCOMPLETE, SegmentModel
from dtc_service.batch import label_wave
from dtc_service.formats import ARROW, CSV
from dtc_service.http.app import create_app
from dtc_service.serving import ModelHolder
from dtc_service.serving.labeller import Labeller
from dtc_service.settings import ServiceSettings
from fakes.registry import ModelShelf
from fakes.served import serving
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sqlalchemy import Engine

pytestmark = pytest.mark.integration

APRIL = Wave(2025, 4)
CATALOGUE = Catalogue.model_validate(
    {
        "name": "ties",
        "unit_table": "tied_features",
        "registered_model": "ties",
        "missing_answers": {"minimum_answered": 2},
        "features": [{"name": "price"}, {"name": "ecology"}, {"name": "visits", "scale": 2.0}],
        "personas": [
            {"id": 7, "name": "seven", "centroid": [0.0, 0.0, 0.0]},
            {"id": 3, "name": "three", "centroid": [2.0, 0.0, 0.0]},
            {"id": 5, "name": "five", "centroid": [0.0, 2.0, 4.0]},
        ],
    }
)
MODEL = SegmentModel.from_catalogue(CATALOGUE)
Answers = npt.NDArray[np.float64]

# Small whole numbers lie half-way between these centroids every few rows, so ties are frequent.
answer_rows = st.integers(1, 12).flatmap(
    lambda n_rows: arrays(
        float, (n_rows, 3), elements=st.integers(-2, 4).map(float) | st.floats(-9, 9) | st.just(np.nan)
    )
)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    shelf = ModelShelf({"1": MODEL})
    shelf.production = "1"
    holder = ModelHolder(shelf, lambda served: Labeller(served, CATALOGUE, 1000, 10**6), 5)
    holder.refresh()
    return create_app(ServiceSettings(), serving(CATALOGUE, holder)).test_client()


def by_rule(answers: Answers) -> list[int | None]:
    """The definition, written as plainly as can be: nearest over the answered features, the first of equals."""
    labels: list[int | None] = []
    for row in answers:
        given_ = ~np.isnan(row)
        squares = [
            sum(((row[i] - centroid[i]) / CATALOGUE.scales[i]) ** 2 for i in np.flatnonzero(given_))
            for centroid in CATALOGUE.centroids
        ]
        labels.append(CATALOGUE.segment_ids[squares.index(min(squares))] if given_.sum() >= 2 else None)
    return labels


def over_http(client: FlaskClient, answers: Answers, media_type: str, query: str = "") -> list[int | None]:
    rows = [[None if np.isnan(value) else value for value in row] for row in answers.tolist()]
    if media_type == CSV:
        lines = [",".join("" if value is None else repr(value) for value in row) for row in rows]
        body = "\n".join([",".join(CATALOGUE.feature_names), *lines]).encode()
    elif media_type == ARROW:
        table = pa.table(dict(zip(CATALOGUE.feature_names, map(list, zip(*rows, strict=True)), strict=True)))
        table = table.cast(pa.schema([(name, pa.float64()) for name in CATALOGUE.feature_names]))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        body = bytes(sink.getvalue())
    else:
        body = json.dumps(rows).encode()
    response = client.post(f"/predict{query}", data=body, content_type=media_type)
    assert response.json is not None
    labels: list[int | None] = response.json["labels"]
    return labels


def in_the_database(engine: Engine, answers: Answers) -> list[int | None]:
    table = UnitTable(CATALOGUE)
    frame = pd.DataFrame(answers, columns=list(CATALOGUE.feature_names)).assign(
        unit_id=[f"{number:03}" for number in range(len(answers))],
        date=pd.Timestamp("2025-04-02", tz="UTC"),
        persona=pd.array([pd.NA] * len(answers), dtype="Int64"),
    )
    with transaction(engine) as connection, connection.begin_nested() as savepoint:
        table.create(connection)
        table.ingest(connection, frame)
        label_wave(connection, table, APRIL, ServedModel("1", MODEL))
        labels = table.load(connection, APRIL)["segment"]
        savepoint.rollback()
    return [None if pd.isna(label) else int(label) for label in labels]


def as_registered(answers: Answers) -> list[int]:
    """What the model says that Mage's blocks register, through MLflow's own interface."""
    from dtc_model.registry.pyfunc_code import SegmentPyfunc  # noqa: PLC0415 - MLflow is slow to import

    pyfunc = SegmentPyfunc()
    pyfunc.model = SegmentModel.from_json(MODEL.to_json())
    labels: list[int] = pyfunc.predict(None, pd.DataFrame(answers, columns=list(CATALOGUE.feature_names))).tolist()
    return labels


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(answers=answer_rows)
def test_http_database_and_pipeline_give_the_same_labels(client: FlaskClient, engine: Engine, answers: Answers) -> None:
    expected = by_rule(answers)
    assert [None if label == INCOMPLETE else label for label in MODEL.label(answers, 2).tolist()] == expected
    for media_type in ("application/json", CSV, ARROW):
        for query in ("", "?detail=full"):
            assert over_http(client, answers, media_type, query) == expected
    assert in_the_database(engine, answers) == expected
    whole = ~np.isnan(answers).any(axis=1)
    assert as_registered(answers[whole]) == [label for label, keep in zip(expected, whole, strict=True) if keep]
