import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dtc_data import Catalogue, Wave
from dtc_data.core import DatabaseUnavailableError, PostgresSettings
from dtc_data.surveys import ingest_file, write_survey_file
from dtc_data.synthetic import make_wave
from dtc_data.tables import UnitTable, make_engine, stack_waves, transaction
from dtc_model.errors import ModelUnavailableError, TrackingError
from dtc_monitoring import DriftCheckError
from dtc_monitoring.checks import check_drift, latest_checks
from dtc_monitoring.checks.drift_check import DriftCheck
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from sqlalchemy import Engine

pytestmark = pytest.mark.integration


def check_march(
    samples: pd.DataFrame,
    catalogue: Catalogue,
    engine: Engine,
    mlflow_uri: str,
    rows_as_of: datetime | None = None,
) -> dict[str, Any]:
    return check_drift(
        samples,
        catalogue,
        reference_wave="2025-01",
        current_wave="2025-03",
        run_id="run 1",
        engine=engine,
        tracking_uri=mlflow_uri,
        rows_as_of=rows_as_of,
    )


@pytest.fixture
def samples(small_catalogue: Catalogue) -> pd.DataFrame:
    """Two waves of which the second pays other prices and visits as often as before."""
    rng = np.random.default_rng(5)

    def wave(price: float) -> pd.DataFrame:
        answers = {
            "price": rng.normal(price, 1, 80),
            "ecology": rng.integers(0, 2, 80),
            "visits": rng.integers(1, 6, 80),
        }
        return pd.DataFrame(answers | {"customer_id": [f"c{n}" for n in range(80)]})

    return stack_waves(wave(1), wave(3), small_catalogue, Wave(2025, 1), Wave(2025, 3))


def experiment_of(catalogue: Catalogue, mlflow_uri: str) -> tuple[MlflowClient, list[Run]]:
    client = MlflowClient(mlflow_uri)
    experiment = client.get_experiment_by_name(f"{catalogue.registered_model} drift checks")
    return client, client.search_runs([experiment.experiment_id])


def test_a_check_is_stored_in_postgres_and_mlflow_and_given_as_plain_data(
    samples: pd.DataFrame, own_catalogue: Catalogue, engine: Engine, mlflow_uri: str
) -> None:
    catalogue = own_catalogue
    document = check_march(samples, catalogue, engine, mlflow_uri)

    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert (document["status"], document["drifted_columns"]) == ("drift", ["price"])
    assert document["drifted_share"] == pytest.approx(1 / 3)
    with transaction(engine) as connection:
        assert latest_checks(connection, catalogue.registered_model) == [DriftCheck.from_dict(document)]

    client, (run,) = experiment_of(catalogue, mlflow_uri)
    assert run.info.run_id == document["mlflow_run_id"]
    assert run.info.run_id in document["report_url"]
    assert (run.info.run_name, run.info.status) == ("drift check 2025-03 against 2025-01", "FINISHED")
    assert run.data.tags["verdict"] == "drift"
    assert run.data.tags["pipeline_run_id"] == "run 1"
    note = run.data.tags["mlflow.note.content"]
    assert note.startswith("Drift: price is ")
    experiment = client.get_experiment(run.info.experiment_id)
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"
    assert catalogue.name in experiment.tags["mlflow.note.content"]
    assert run.data.params["reference_wave"] == "2025-01"
    assert run.data.metrics["drifted_share"] == document["drifted_share"]
    assert run.data.metrics["p_value/price"] == document["columns"][0]["p_value"]
    assert {artifact.path for artifact in client.list_artifacts(run.info.run_id)} == {
        "verdict.json",
        "drift_report.html",
    }


def test_the_artifacts_hold_the_verdict_and_the_report(
    samples: pd.DataFrame, own_catalogue: Catalogue, engine: Engine, mlflow_uri: str, tmp_path: Path
) -> None:
    document = check_march(samples, own_catalogue, engine, mlflow_uri)
    client = MlflowClient(mlflow_uri)
    stored = [
        client.download_artifacts(document["mlflow_run_id"], name, str(tmp_path))
        for name in ("verdict.json", "drift_report.html")
    ]
    verdict, report = (Path(path).read_text(encoding="utf-8") for path in stored)
    assert json.loads(verdict) == DriftCheck.from_dict(document).verdict.to_dict()
    assert "Dataset Drift" in report


def test_a_repeated_pipeline_run_keeps_one_row_and_one_report(
    samples: pd.DataFrame, own_catalogue: Catalogue, engine: Engine, mlflow_uri: str
) -> None:
    catalogue = own_catalogue
    documents = [check_march(samples, catalogue, engine, mlflow_uri) for _ in range(2)]
    with transaction(engine) as connection:
        (kept,) = latest_checks(connection, catalogue.registered_model)
    assert kept.mlflow_run_id == documents[1]["mlflow_run_id"]
    assert kept.verdict == DriftCheck.from_dict(documents[0]).verdict
    _, (run,) = experiment_of(catalogue, mlflow_uri)
    assert run.info.run_id == kept.mlflow_run_id


def test_what_a_killed_execution_of_the_run_began_is_marked_as_killed(
    samples: pd.DataFrame, own_catalogue: Catalogue, engine: Engine, mlflow_uri: str
) -> None:
    document = check_march(samples, own_catalogue, engine, mlflow_uri)
    client, (run,) = experiment_of(own_catalogue, mlflow_uri)
    begun = client.create_run(run.info.experiment_id, tags={"pipeline_run_id": "run 1"})
    other = client.create_run(run.info.experiment_id, tags={"pipeline_run_id": "run 2"})
    document = check_march(samples, own_catalogue, engine, mlflow_uri)
    statuses = {found.info.run_id: found.info.status for found in experiment_of(own_catalogue, mlflow_uri)[1]}
    assert statuses == {
        document["mlflow_run_id"]: "FINISHED",
        begun.info.run_id: "KILLED",
        other.info.run_id: "RUNNING",
    }


def test_a_check_that_cannot_be_made_stores_nothing(
    samples: pd.DataFrame, own_catalogue: Catalogue, engine: Engine, mlflow_uri: str
) -> None:
    nobody_answers = samples.assign(price=samples["price"].where(samples["sample"] == "reference"))
    with pytest.raises(DriftCheckError, match=r"2025-03 against 2025-01: column 'price' of the current wave"):
        check_march(nobody_answers, own_catalogue, engine, mlflow_uri)
    with transaction(engine) as connection:
        assert latest_checks(connection, own_catalogue.registered_model) == []


def test_without_mlflow_the_check_fails_and_keeps_no_verdict_without_a_report(
    samples: pd.DataFrame, own_catalogue: Catalogue, engine: Engine
) -> None:
    with pytest.raises(ModelUnavailableError, match=r"127\.0\.0\.1:9"):
        check_march(samples, own_catalogue, engine, "http://127.0.0.1:9")
    with transaction(engine) as connection:
        assert latest_checks(connection, own_catalogue.registered_model) == []


def test_a_report_that_cannot_be_uploaded_fails_the_check_and_marks_its_run(
    samples: pd.DataFrame,
    own_catalogue: Catalogue,
    engine: Engine,
    mlflow_uri: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise MlflowException("no space left")

    monkeypatch.setattr(MlflowClient, "log_text", refuse)
    with pytest.raises(TrackingError, match=r"drift check 2025-03 against 2025-01.*no space left"):
        check_march(samples, own_catalogue, engine, mlflow_uri)
    _, (run,) = experiment_of(own_catalogue, mlflow_uri)
    assert run.info.status == "FAILED"


def test_without_postgres_the_check_fails(
    samples: pd.DataFrame, own_catalogue: Catalogue, customer_database: PostgresSettings, mlflow_uri: str
) -> None:
    nowhere = make_engine(customer_database.model_copy(update={"port": 9}))
    with pytest.raises(DatabaseUnavailableError, match=r"Postgres at 127\.0\.0\.1:9"):
        check_march(samples, own_catalogue, nowhere, mlflow_uri)


def test_weights_of_a_survey_file_reach_the_verdict(
    own_catalogue: Catalogue, engine: Engine, mlflow_uri: str, tmp_path: Path
) -> None:
    """A wave with too many of one persona is not a shift of the mix once its weights make up for that."""
    catalogue, rng = own_catalogue, np.random.default_rng(9)
    january = make_wave(catalogue, 600, 1, 1, Wave(2025, 1))
    march = make_wave(catalogue, 600, 1, 2, Wave(2025, 3), shares=(70, 30))
    weights = np.where(march["segment"] == 7, 0.5 / 0.7, 0.5 / 0.3) * rng.uniform(0.8, 1.2, 600)
    statuses = {}
    for name, current in (("plain", march), ("weighted", march.assign(survey_weight=weights))):
        table = UnitTable(catalogue, name)
        for wave in (january, current):
            write_survey_file(wave, catalogue, tmp_path / "survey.csv")
            ingest_file(engine, table, tmp_path / "survey.csv")
        everybody = pd.read_sql_table(name, engine)  # SELECT *, as in the pipeline's SQL blocks
        first, second = (everybody[everybody["date"].dt.month == month] for month in (1, 3))
        stacked = stack_waves(first, second, catalogue, Wave(2025, 1), Wave(2025, 3))
        statuses[name] = check_march(stacked, catalogue, engine, mlflow_uri)
    assert {name: check["status"] for name, check in statuses.items()} == {"plain": "mix_shift", "weighted": "stable"}
    assert statuses["weighted"]["shares"][0]["after"] == pytest.approx(0.5, abs=0.03)
    assert statuses["weighted"]["effective_current"] < 520


def test_a_check_tells_when_its_rows_were_loaded(
    samples: pd.DataFrame, own_catalogue: Catalogue, engine: Engine, mlflow_uri: str
) -> None:
    began = datetime(2025, 4, 1, tzinfo=UTC)
    document = check_march(samples, own_catalogue, engine, mlflow_uri, rows_as_of=began)
    assert document["rows_as_of"] == began.isoformat()
    with transaction(engine) as connection:
        (kept,) = latest_checks(connection, own_catalogue.registered_model)
    assert kept.rows_as_of == began < kept.checked_at
