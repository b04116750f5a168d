"""`make discover`: from a feature table to a catalogue that a person adopts as version 1."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from dtc_data import Wave, load_catalogue
from dtc_data.synthetic import write_planted_transactions
from dtc_data.transactions import ingest_transactions, make_customer_waves
from dtc_model.commands import main
from dtc_model.registry import RegistryReader
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment")]

JUNE, SEPTEMBER = Wave(2024, 6), Wave(2024, 9)


def run(*arguments: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(main, arguments)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, mlflow_uri: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of catalogues of its own."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    monkeypatch.setenv("CATALOGUE_FOLDER", str(tmp_path))
    return tmp_path


def test_customers_get_segments_that_a_person_adopts_as_version_1(
    folder: Path, tmp_path: Path, engine: Engine, mlflow_uri: str
) -> None:
    write_planted_transactions(tmp_path / "shop.parquet", 400, Wave(2023, 12), 9, seed=1, problems=False)
    ingest_transactions(engine, tmp_path / "shop.parquet")
    make_customer_waves(engine, JUNE, JUNE)

    found = run(
        "discover", "2024-06", "--segmentation", "shop_value", "--k", "4", "--encoding", "quantile", "--bootstraps", "2"
    )

    assert (found.exit_code, found.stderr) == (0, "")
    text = (folder / "shop_value.yaml").read_text()
    catalogue = load_catalogue(folder / "shop_value.yaml")
    assert text.startswith("# Drafted by `make discover SEGMENTATION=shop_value` from 2024-06.")
    assert catalogue.feature_names == ("recency_days", "frequency", "monetary")
    assert [segment.action != "" for segment in catalogue.segments] == [True] * 4
    assert catalogue.transactions is not None
    assert (catalogue.transactions.lookback_days, catalogue.words.units) == (180, "customers")
    for name in catalogue.segment_names:
        assert name in found.stdout

    (folder / "shop_value.yaml").write_text(text.replace(f"name: {catalogue.segment_names[0]}\n", "name: The best\n"))
    edited = load_catalogue(folder / "shop_value.yaml")
    make_customer_waves(engine, JUNE, JUNE, catalogue=edited)
    adopted = run(
        "adopt-catalogue", "--segmentation", "shop_value", "--reference", "2024-06", "--by", "Ada", "--why", "it fits"
    )

    assert adopted.exit_code == 0, adopted.stderr
    served = RegistryReader(mlflow_uri, "shop_value").fetch("1")
    assert served.model.segment_names[0] == "The best"
    assert served.model.reference is not None
    assert served.model.reference.wave == "2024-06"
    again = run("discover", "2024-06", "--segmentation", "shop_value")
    assert again.exit_code == 2
    assert "there is a catalogue already, and it is not overwritten" in again.stderr


def test_a_survey_without_a_vendor_gets_segments_too(folder: Path, tmp_path: Path, mlflow_uri: str) -> None:
    random = np.random.default_rng(1)
    kinds = np.repeat([[1.0, 1, 5], [5, 1, 1], [3, 5, 3]], 60, axis=0)
    answers = pd.DataFrame(kinds + random.normal(0, 0.3, kinds.shape), columns=["price", "ecology", "comfort"])
    answers = answers.assign(respondent=[f"r{row}" for row in range(180)], date="2025-01-15", city="Graz")
    answers.to_csv(tmp_path / "survey.csv", index=False)

    options = [
        "--segmentation",
        "my_survey",
        "--file",
        str(tmp_path / "survey.csv"),
        "--id",
        "respondent",
        "--bootstraps",
        "3",
    ]
    found = run("discover", *options)

    assert (found.exit_code, found.stderr) == (0, "")
    assert "Note: city left out" in found.stdout
    catalogue = load_catalogue(folder / "my_survey.yaml")
    assert (len(catalogue.segments), catalogue.columns.id, catalogue.transactions) == (3, "respondent", None)
    client = MlflowClient(mlflow_uri)
    experiment = client.get_experiment_by_name("my_survey discovery")
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    assert len(runs) == 1 + 3 * 9  # encodings, and k from 2 to 10
    kept = {file.path for file in client.list_artifacts(parent.info.run_id, "discovery")}
    assert "discovery/catalogue.yaml" in kept


def test_where_no_segments_are_proposed_no_catalogue_is_written(folder: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    noise = pd.DataFrame(random.normal(size=(300, 3)), columns=["a", "b", "c"]).rename_axis("customer_id")
    noise.assign(date="2025-01-01").to_csv(tmp_path / "noise.csv")

    found = run("discover", "--segmentation", "noise", "--file", str(tmp_path / "noise.csv"), "--bootstraps", "2")

    assert found.exit_code == 8
    assert "no segments are proposed, so no catalogue was drafted" in found.stderr
    assert not (folder / "noise.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "exit_code", "expected"),
    [
        (("June", "--segmentation", "x"), 4, "'June' is not a wave"),
        (("2024-06", "--segmentation", "x"), 4, "no waves of customers were made yet"),
        (("--segmentation", "x", "--file", "nowhere.csv"), 8, "nowhere.csv: the file cannot be read"),
    ],
)
def test_a_mistake_ends_in_a_message(arguments: tuple[str, ...], exit_code: int, expected: str) -> None:
    result = run("discover", *arguments)

    assert (result.exit_code, expected in result.stderr) == (exit_code, True), result.stderr
