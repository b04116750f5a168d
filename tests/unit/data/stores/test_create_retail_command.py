"""The commands for retailers, as a person types them."""

import runpy
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from dtc_stack.settings import PROJECT_FOLDER

STAGE_FOLDER = PROJECT_FOLDER / "00_create_data"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(name: str, arguments: str) -> Result:
    command: click.Command = runpy.run_path(str(STAGE_FOLDER / f"{name}.py"))[name]
    return CliRunner(mix_stderr=False).invoke(command, arguments.split())


def test_files_are_made_ingested_and_turned_into_features(tmp_path: Path) -> None:
    made = run("create_retail", "shop --stores 12 --products 32 --from 2024-01-01 --to 2024-12-31 --lines-per-week 10")
    ingested = run("ingest_retail", "shop/retail.yaml tables")
    computed = run("store_features", "tables features.parquet --quarter 2024Q3")

    assert made.exit_code == ingested.exit_code == computed.exit_code == 0, (made, ingested, computed)
    assert made.output.startswith("shop: 12 rows of stores, 32 rows of products, ")
    assert "sales.store_is_known" in ingested.output
    assert computed.output.startswith("features.parquet: 11 rows of 2024Q3 to 2024Q3, ")  # one store opens later
    assert len(pd.read_parquet("features.parquet")) == 11
    assert "<h2>sales.store_is_known</h2>" in Path("tables/quality.html").read_text()
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        "stores.parquet", "products.parquet", "sales.parquet", "inventory.parquet", "quality.txt", "quality.html",
    }  # fmt: skip


def test_features_can_be_written_as_csv() -> None:
    run("create_retail", "shop --stores 6 --products 16 --from 2024-01-01 --to 2024-06-30")
    run("ingest_retail", "shop/retail.yaml tables")

    assert run("store_features", "tables features.csv").exit_code == 0
    assert set(pd.read_csv("features.csv")["quarter"]) == {"2024Q1", "2024Q2"}


def test_refused_files_leave_a_report_and_no_tables() -> None:
    run("create_retail", "shop --stores 6 --products 16 --from 2024-01-01 --to 2024-06-30 --dirty 0.5")
    result = run("ingest_retail", "shop/retail.yaml tables")

    assert result.exit_code == 3
    assert "nothing was read, since" in result.stderr
    assert "refuse_above" in result.stderr
    assert {path.name for path in Path("tables").iterdir()} == {"quality.txt", "quality.html"}


@pytest.mark.parametrize(
    ("name", "arguments", "exit_code", "said"),
    [
        ("create_retail", "shop --stores 2", 2, "n_stores is 2"),
        ("ingest_retail", "nowhere.yaml tables", 3, "nowhere.yaml: the retail layout cannot be read"),
        ("store_features", "nowhere features.csv", 3, "ingest_retail.py writes the four tables"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(name: str, arguments: str, exit_code: int, said: str) -> None:
    result = run(name, arguments)
    assert result.exit_code == exit_code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
