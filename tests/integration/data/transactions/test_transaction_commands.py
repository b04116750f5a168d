"""`create_transactions.py`, `ingest_transactions.py` and `customer_waves.py`, as a person types them."""

import json
import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dtc_stack.settings import PROJECT_FOLDER
from fakes.ports import free_port
from fakes.units import count_rows
from mlflow import MlflowClient
from sqlalchemy import Engine

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("database_in_environment")]

STAGE_FOLDER = PROJECT_FOLDER / "00_create_data"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(script: str, *arguments: str) -> Result:
    command = runpy.run_path(str(STAGE_FOLDER / f"{script}.py"))[script]
    return CliRunner(mix_stderr=False).invoke(command, arguments)


def test_made_transactions_become_waves(tmp_path: Path, engine: Engine) -> None:
    created = run("create_transactions", "shop.csv", "--customers", "300", "--months", "9")
    taken = run("ingest_transactions", "shop.csv", "--reports", "pages")
    again = run("ingest_transactions", "shop.csv")
    made = run("customer_waves", "2024-07", "2024-09")

    truth = json.loads((tmp_path / "shop.truth.json").read_text())
    lines = truth["lines"]
    assert (created.exit_code, created.stdout) == (
        0,
        f"shop.csv: {lines} lines of 300 customers from 2024-01 on, seed 1, 16 problems planted\n",
    )
    assert taken.exit_code == 0
    repeated = truth["problems"]["line id repeated"]
    assert taken.stdout.endswith(f"shop.csv: {lines - repeated:,} lines inserted, {repeated:,} were there already\n")
    assert "exact duplicate" in taken.stdout
    assert "<title>Quality of shop.csv</title>" in (tmp_path / "pages" / "shop.csv.html").read_text()
    assert again.stdout.startswith("shop.csv: nothing changed: this file was ingested on")
    assert count_rows(engine, "transactions") == lines - repeated
    assert [line.split(":")[0] for line in made.stdout.splitlines()] == ["2024-07", "2024-08", "2024-09"]
    assert "customers bought in 180 days" in made.stdout


def test_customers_go_into_the_table_of_customer_value_once_there_is_its_catalogue(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("create_transactions", "shop.csv", "--customers", "300", "--months", "9", "--no-problems")
    run("ingest_transactions", "shop.csv")
    monkeypatch.setenv("CATALOGUE_FOLDER", str(tmp_path))
    (tmp_path / "customer_value.yaml").write_text(
        "name: Customers by value\nunit: customer\ntransactions: {lookback_days: 180}\n"
        "features: [{name: recency_days}, {name: monetary}]\n"
        "segments: [{id: 0, name: High, centroid: [9, 90]}, {id: 1, name: Low, centroid: [99, 9]}]\n"
    )

    made = run("customer_waves", "2024-09", "2024-09")

    n_customers = count_rows(engine, "customer_value")
    assert f"written; {n_customers} customers inserted, 0 unchanged" in made.stdout
    assert made.stdout.startswith(f"2024-09: {n_customers} customers bought in 180 days")


def test_scores_are_cut_once_and_then_stay(tmp_path: Path) -> None:
    run("create_transactions", "shop.csv", "--customers", "300", "--months", "9", "--no-problems")
    run("ingest_transactions", "shop.csv")
    run("customer_waves", "2024-07", "2024-09")

    first = run("rfm_scores", "2024-07", "--cuts", "cuts.json")
    kept = (tmp_path / "cuts.json").read_text()
    later = run("rfm_scores", "2024-09", "--cuts", "cuts.json", "--out", "scores.csv")

    assert first.stdout.startswith("Cut points cut on 2024-07 and kept in cuts.json\n  5")
    assert later.stdout.startswith("Cut points of cuts.json\nscores.csv: the scores of ")
    assert (tmp_path / "cuts.json").read_text() == kept
    header = (tmp_path / "scores.csv").read_text().splitlines()[0]
    assert header == "customer_id,recency_score,frequency_score,monetary_score,rfm"


def test_the_quality_report_is_in_mlflow_too(tmp_path: Path, mlflow_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run("create_transactions", "shop.csv", "--customers", "300", "--months", "3")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)

    taken = run("ingest_transactions", "shop.csv", "--mlflow")

    assert (taken.exit_code, taken.stderr) == (0, "")
    client = MlflowClient(mlflow_uri)
    experiment = client.get_experiment_by_name("transactions quality")
    (found,) = client.search_runs([experiment.experiment_id])
    lines = json.loads((tmp_path / "shop.truth.json").read_text())["lines"]
    assert found.data.metrics["lines"] == lines
    assert 0 < found.data.metrics["share_of_revenue/missing customer"] < 1
    assert {file.path for file in client.list_artifacts(found.info.run_id)} == {
        "quality.html",
        "quality.json",
        "quality.txt",
    }


def test_lines_are_ingested_even_where_mlflow_takes_no_report(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run("create_transactions", "shop.csv", "--customers", "300", "--months", "3", "--no-problems")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{free_port()}")

    taken = run("ingest_transactions", "shop.csv", "--mlflow")

    assert taken.exit_code == 0
    assert taken.stderr.startswith("The quality report is not in MLflow: the MLflow server at")
    assert count_rows(engine, "transactions") > 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "expected"),
    [
        (("ingest_transactions", "nowhere.csv"), 3, "nowhere.csv: the file cannot be read"),
        (("ingest_transactions", "nowhere.csv", "--layout", "nowhere.yaml"), 2, "the layout cannot be read"),
        (("ingest_transactions", "nowhere.csv", "--arrived", "soon"), 2, "'soon' is not a moment"),
        (("ingest_transactions",), 2, "Missing argument 'FILES...'"),
        (("customer_waves", "2024-07", "2024-09"), 3, "there are no transactions; ingest a file first"),
        (("customer_waves", "July", "2024-09"), 4, "'July' is not a wave"),
        (("customer_waves", "2024-07", "2024-09", "--lookback-days", "0"), 2, "Features of all history are refused"),
        (("rfm_scores", "2024-07"), 4, "no waves of customers were made yet"),
        (("create_transactions", "shop.csv", "--customers", "0"), 2, "0 customers in 18 months make no lines"),
        (("create_transactions", "shop.csv", "--customers", "8"), 2, "too few customers to plant every problem"),
        (("create_transactions", "nowhere/shop.csv", "--no-problems"), 3, "the file cannot be written"),
    ],
)
def test_a_mistake_ends_in_a_message(arguments: tuple[str, ...], exit_code: int, expected: str) -> None:
    result = run(*arguments)

    assert result.exit_code == exit_code
    assert expected in result.stderr
    assert isinstance(result.exception, SystemExit)
