"""Files that people send: labelled as the command does, given back in the same format, and forgotten."""

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from dtc_data import Catalogue
from dtc_data.files import write_frame
from dtc_data.surveys import FileOptions, read_survey_file
from dtc_model.errors import ModelUnavailableError
from dtc_model.rule import SegmentModel
from dtc_service.batch import FileLabeller
from fakes.sent_files import WAIT_SECONDS, labelled, outcome, send, token_of
from flask import Flask, before_render_template
from flask.testing import FlaskClient

FRAME = pd.DataFrame(
    {
        "who": ["a", "b", "c; d"],
        "mood": ["good", "bad", "fair"],
        "visits": [38.5, 4, 20],
        "region": ["north", "south", "south"],
        "member": [1, 0, 1],
        "segment": ["as before", "x", ""],
    }
)
TEXTS = {
    "commas": FRAME.to_csv(index=False).encode(),
    "semicolons": FRAME.to_csv(index=False, sep=";", decimal=",").encode("utf-8-sig"),
    "tabs": FRAME.to_csv(index=False, sep="\t", lineterminator="\r\n").encode(),
    "latin": FRAME.rename(columns={"who": "größe"}).to_csv(index=False, sep=";").encode("cp1252"),
    "utf-16": FRAME.to_csv(index=False, sep="\t").encode("utf-16"),
}

READERS = {".xlsx": "read_excel", ".sav": "read_spss", ".parquet": "read_parquet"}


def by_the_command(path: Path, catalogue: Catalogue) -> Path:
    """Label a file as ``make label_file`` does."""
    out = path.with_name(f"out{path.suffix}")
    FileLabeller(catalogue, SegmentModel.from_catalogue(catalogue), "1").label(path, out, FileOptions())
    return out


@pytest.mark.parametrize("dialect", TEXTS)
def test_a_text_file_comes_back_as_the_command_writes_it_byte_for_byte(
    client: FlaskClient, shoppers: Catalogue, tmp_path: Path, dialect: str
) -> None:
    path = tmp_path / "march.csv"
    path.write_bytes(TEXTS[dialect])
    assert labelled(client, TEXTS[dialect], path.name) == by_the_command(path, shoppers).read_bytes()


@pytest.mark.parametrize("suffix", READERS)
def test_other_files_come_back_as_the_command_writes_them_value_for_value(
    client: FlaskClient, shoppers: Catalogue, tmp_path: Path, suffix: str
) -> None:
    path, back = tmp_path / f"march{suffix}", tmp_path / f"back{suffix}"
    write_frame(FRAME.drop(columns="segment"), path, [])
    back.write_bytes(labelled(client, path.read_bytes(), path.name))
    read: Callable[[Path], pd.DataFrame] = getattr(pd, READERS[suffix])
    pd.testing.assert_frame_equal(read(back), read(by_the_command(path, shoppers)))


def test_problems_are_told_by_row_and_column_and_nothing_is_labelled(client: FlaskClient) -> None:
    wrong = FRAME.astype(object)
    wrong.loc[1, "visits"], wrong.loc[2, "mood"] = "many", "splendid"
    address, page = outcome(client, wrong.to_csv(index=False).encode(), "march.csv")
    assert "2 problems were found" in page
    assert re.search(r'<th scope="row">3</th>.*?visits', page, re.DOTALL), "line 3, below the header"
    assert re.search(r'<th scope="row">4</th>.*?mood', page, re.DOTALL)
    assert client.get(f"{address}/file").status_code == 404


def test_a_person_may_let_answers_pass_that_cannot_be_used(client: FlaskClient) -> None:
    wrong = FRAME.astype(object)
    wrong.loc[1, "visits"] = "many"
    options = {"delimiter": ",", "decimal": ".", "encoding": "utf-8"}
    content = wrong.to_csv(index=False).encode()
    _, page = outcome(client, content, "march.csv", allow="unreadable", **options)
    assert "2 shoppers were labelled" in page
    assert "1 have too few answers" in page


def test_the_preview_shows_the_first_units_with_what_was_added(client: FlaskClient) -> None:
    _, page = outcome(client, FRAME.drop(columns="segment").to_csv(index=False).encode(), "march.csv")
    preview = page[page.index("The first rows") :]
    assert re.search(r'<th scope="row">a</th><td>1</td><td>Loyal</td>', preview)
    assert "runner_up" in preview


def test_a_file_that_is_too_large_is_refused(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 2_000
    answer = send(app.test_client(), b"visits\n" + b"1\n" * 4_000, "large.csv")
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_nothing_of_a_file_is_kept_once_it_is_forgotten(client: FlaskClient, tmp_path: Path) -> None:
    def kept() -> list[str]:
        return [str(path.relative_to(path.parents[1])) for path in tmp_path.rglob("uploads_*/*/*/*")]

    address, page = outcome(client, FRAME.to_csv(index=False).encode(), "march.csv")
    assert kept() == ["labelled/march.csv"], "what was sent is gone already"
    client.post(f"{address}/forget", data={"csrf_token": token_of(page)})
    assert kept() == []
    assert client.get(address).status_code == 404


def test_nothing_of_a_refused_file_is_kept(client: FlaskClient, tmp_path: Path) -> None:
    outcome(client, b"who,mood\na,good\n", "few.csv")
    assert list(tmp_path.rglob("uploads_*/*/*/*")) == []


def test_a_page_tells_of_one_moment_though_the_file_is_refused_meanwhile(app: Flask) -> None:
    desk, may_go_on = app.config["DESK"], threading.Event()

    def refuse(_: object) -> None:
        may_go_on.wait(WAIT_SECONDS)
        raise ModelUnavailableError("the MLflow server cannot be reached")

    desk.rule_of = refuse
    address = send(app.test_client(), FRAME.to_csv(index=False).encode(), "march.csv").location
    job = desk.find(address.rpartition("/")[2], "")

    def before_the_page_is_written(*_: object, **__: object) -> None:
        may_go_on.set()
        deadline = time.monotonic() + WAIT_SECONDS
        while not job.is_over and time.monotonic() < deadline:
            time.sleep(0.01)

    with before_render_template.connected_to(before_the_page_is_written, app):
        page = app.test_client().get(address).text
    assert "The file is being checked" in page
    assert "cannot be reached" in app.test_client().get(address).text


def test_a_registry_that_is_down_is_named(app: Flask) -> None:
    def down(_: object) -> None:
        raise ModelUnavailableError("the MLflow server cannot be reached")

    app.config["DESK"].rule_of = down
    _, page = outcome(app.test_client(), FRAME.to_csv(index=False).encode(), "march.csv")
    assert "the MLflow server cannot be reached" in page


def test_the_labelled_file_reads_back_as_a_survey(client: FlaskClient, shoppers: Catalogue, tmp_path: Path) -> None:
    dated = FRAME.drop(columns="segment").assign(date="2025-03-04").rename(columns={"who": "unit_id"})
    path = tmp_path / "march.csv"
    path.write_bytes(labelled(client, dated.to_csv(index=False).encode(), path.name))
    assert read_survey_file(path, shoppers)["segment"].tolist() == [1, 2, 2]
