"""The command behind ``make label_file``, where no stack is running and nothing is set."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result
from dtc_service.commands import main
from fakes.store_catalogue import STORES

HEADER = "Name;" + ";".join(f"x{number}" for number in range(1, 11))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("MLFLOW_TRACKING_URI", "SEGMENTATION", "CATALOGUE_FOLDER", "DTC_STANDS_IN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["label-file", *arguments])


def test_the_catalogue_labels_and_that_is_said(folder: Path) -> None:
    (folder / "survey.csv").write_text(f"{HEADER}\nA;{';'.join(['1,5'] * 10)}\nB;{';'.join(['-2'] * 10)}\n")

    result = run("survey.csv", "out.csv")

    assert result.exit_code == 0, result.output
    assert "2 of 2 respondents labelled by the catalogue" in result.output
    assert "The catalogue's own centroids label, since MLFLOW_TRACKING_URI is not set" in result.output
    assert set(pd.read_csv(folder / "out.csv", sep=";")["model_version"]) == {"catalogue"}


def test_a_refused_file_gets_its_report_as_text_and_as_a_page(folder: Path) -> None:
    (folder / "survey.csv").write_text(f"{HEADER}\nA;{';'.join(['x'] * 10)}\n")

    result = run("survey.csv", "out.csv", "--by", "catalogue", "--report", "problems.html")

    assert result.exit_code == 3
    assert "unreadable in column 'x1': 1 (--allow unreadable: takes them as missing answers)" in result.output
    assert "If all of this may pass: make … ALLOW=unreadable, or --allow with each" in result.output
    assert "<td>unreadable</td><td>x10</td>" in (folder / "problems.html").read_text()
    assert not (folder / "out.csv").exists()


def test_what_cannot_pass_is_not_offered_to_pass(folder: Path) -> None:
    (folder / "survey.csv").write_text(f"{HEADER};x1\nA;{';'.join(['x'] * 11)}\n")

    result = run("survey.csv", "out.csv", "--by", "catalogue")

    assert result.exit_code == 3
    assert "may pass" not in result.output


@pytest.mark.parametrize(
    ("file", "out", "missing"), [("", "out.csv", "FILE=survey.sav"), ("a.csv", "", "OUT=labelled.sav")]
)
def test_a_variable_of_make_that_was_not_typed_is_named(folder: Path, file: str, out: str, missing: str) -> None:
    result = run(file, out)

    assert result.exit_code == 2
    assert f"no file is named; with make, write {missing}" in result.output
    assert not list(folder.iterdir())


def test_what_is_allowed_stays_without_a_label(folder: Path) -> None:
    (folder / "survey.csv").write_text(f"{HEADER}\nA;x;{';'.join(['1'] * 9)}\nB;{';'.join(['1'] * 10)}\n")

    result = run("survey.csv", "out.csv", "--by", "catalogue", "--allow", "unreadable")

    assert result.exit_code == 0, result.output
    assert "1 of 2 respondents labelled" in result.output
    assert pd.read_csv(folder / "out.csv", sep=";")["status"].tolist() == ["incomplete", "labelled"]


def test_stores_whose_rule_is_a_mixture_are_labelled_like_everybody(folder: Path) -> None:
    own = STORES | {
        "unit_table": "few_stores",
        "registered_model": "few_stores",
    }  # not those of stores that somebody found
    (folder / "stores.yaml").write_text(yaml.safe_dump(own, sort_keys=False))
    (folder / "new.csv").write_text("store_id,size,weekend,place\nA,90,0.2,city\nB,2100,,mall\nC,95,0.18,airport\n")

    result = run("new.csv", "out.csv", "--by", "catalogue", "--segmentation", str(folder / "stores.yaml"))

    assert result.exit_code == 0, result.output
    assert "3 of 3 stores labelled by the catalogue" in " ".join(result.output.split())
    assert pd.read_csv(folder / "out.csv")["segment_name"].tolist() == ["Corner", "Warehouse", "Corner"]
