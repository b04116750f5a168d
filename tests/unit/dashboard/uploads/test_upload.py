"""Files that people send: checked by row and column, labelled as the service does, given back, and forgotten."""

import io
import re
import time
from pathlib import Path

import pandas as pd
import pytest
from dtc_dashboard.queries import LabellingService
from dtc_dashboard.uploads import file_kinds
from dtc_data import Catalogue
from dtc_data.catalogue import answer_matrix
from dtc_model.rule import SegmentModel
from fakes.pages import NOWHERE
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

FRAME = pd.DataFrame(
    {
        "who": ["a", "b", "c; d"],
        "mood": ["good", "bad", "fair"],
        "visits": [38, 4, 20],
        "region": ["north", "south", "south"],
        "member": [1, 0, 1],
        "segment": ["as before", "x", ""],
    }
)
WAIT_SECONDS = 120


def send(client: FlaskClient, content: bytes, name: str) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/upload/shoppers").text)
    assert token is not None
    return client.post("/upload/shoppers", data={"csrf_token": token[1], "file": (io.BytesIO(content), name)})


def outcome(client: FlaskClient, content: bytes, name: str) -> tuple[str, str]:
    """Send a file, and give the address and the page that say what came of it."""
    answer = send(client, content, name)
    assert answer.status_code == 303, answer.text
    deadline = time.monotonic() + WAIT_SECONDS
    while "every 1s" in (page := client.get(answer.location).text):
        assert time.monotonic() < deadline, page
        time.sleep(0.1)
    return answer.location, page


def labelled(client: FlaskClient, content: bytes, name: str) -> bytes:
    address, page = outcome(client, content, name)
    assert "are labelled" in page, page
    answer = client.get(f"{address}/file")
    assert answer.status_code == 200
    return bytes(answer.data)


def expected(catalogue: Catalogue) -> list[str]:
    model = SegmentModel.from_catalogue(catalogue)
    answers = answer_matrix(FRAME.astype({"visits": float, "member": float}), catalogue.features)
    names = dict(zip(model.segment_ids, model.segment_names, strict=True))
    return [names[id_] for id_ in model.label(answers).tolist()]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_text_file_comes_back_with_the_labels_and_all_it_held(
    client: FlaskClient, shoppers: Catalogue, mark: str
) -> None:
    back = labelled(client, FRAME.to_csv(index=False, sep=mark).encode(), "march.csv")
    frame = pd.read_csv(io.BytesIO(back), sep=mark, keep_default_na=False)
    assert frame["segment_found"].tolist() == expected(shoppers)
    pd.testing.assert_frame_equal(frame[list(FRAME)], FRAME)


def test_a_parquet_file_comes_back_as_one(client: FlaskClient, shoppers: Catalogue) -> None:
    sink = io.BytesIO()
    FRAME.to_parquet(sink, index=False)
    frame = pd.read_parquet(io.BytesIO(labelled(client, sink.getvalue(), "march.parquet")))
    assert frame["segment_found"].tolist() == expected(shoppers)
    pd.testing.assert_frame_equal(frame[list(FRAME)], FRAME)


def test_a_file_of_many_blocks_keeps_its_order(
    client: FlaskClient, shoppers: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dtc_dashboard.uploads.desk.BLOCK_ROWS", 7)
    monkeypatch.setattr(file_kinds, "BLOCK_ROWS", 5)
    many = pd.concat([FRAME] * 11, ignore_index=True)
    sink = io.BytesIO()
    many.to_parquet(sink, index=False)
    frame = pd.read_parquet(io.BytesIO(labelled(client, sink.getvalue(), "many.parquet")))
    assert frame["segment_found"].tolist() == expected(shoppers) * 11


def test_problems_are_told_by_row_and_column_and_nothing_is_labelled(client: FlaskClient) -> None:
    wrong = FRAME.astype(object)
    wrong.loc[1, "visits"], wrong.loc[2, "mood"] = "many", "splendid"
    address, page = outcome(client, wrong.to_csv(index=False).encode(), "march.csv")
    assert "2 answers cannot be used" in page
    assert re.search(r'<th scope="row">2</th>.*?visits', page, re.DOTALL)
    assert re.search(r'<th scope="row">3</th>.*?mood', page, re.DOTALL)
    assert client.get(f"{address}/file").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "empty.csv", "cannot be labelled"),
        (b"who,mood\n", "header.csv", "cannot be labelled"),
        (b"who,mood\na,good\n", "few.csv", "columns are missing: visits, member, region"),
        (b"visits,visits,mood,member,region\n1,1,good,1,north\n", "twice.csv", "more than once"),
        (b"\xff\xfe\x00\x00", "binary.csv", "cannot be labelled"),
        (b"PAR1 but not really PAR1", "fake.parquet", "cannot be read"),
        (b"visits,mood,member,region\n1,good,1\n", "short.csv", "cannot be read"),
        ("visits,mood,member,region\n1,göod,1,north\n".encode("latin-1"), "latin.csv", "cannot be labelled"),
        (b"visits,mood,member,region\n" + b"1,good,1,north\n" * 31, "long.csv", "more than 30 rows"),
    ],
)
def test_an_odd_file_is_refused_in_words(app: Flask, content: bytes, name: str, told: str) -> None:
    app.config["DESK"].most_rows = 30
    _, page = outcome(app.test_client(), content, name)
    assert told in page


@pytest.mark.parametrize("name", ["march.exe", "march", "..", ""])
def test_a_file_of_another_kind_is_not_even_taken(client: FlaskClient, name: str) -> None:
    assert send(client, b"x", name).status_code == 400


def test_a_file_that_is_too_large_is_refused(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 2_000
    answer = send(app.test_client(), b"visits\n" + b"1\n" * 4_000, "large.csv")
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_nothing_of_a_file_is_kept_once_it_is_forgotten(client: FlaskClient, tmp_path: Path) -> None:
    address, page = outcome(client, FRAME.to_csv(index=False).encode(), "march.csv")
    kept = [path.name for path in tmp_path.rglob("uploads_*/*/*")]
    assert kept == ["labelled.csv"], "what was sent is gone already"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    client.post(f"{address}/forget", data={"csrf_token": token[1]})
    assert list(tmp_path.rglob("uploads_*/*/*")) == []
    assert client.get(address).status_code == 404


def test_a_service_that_is_down_is_named(app: Flask) -> None:
    app.config["DESK"].service = LabellingService(NOWHERE)
    _, page = outcome(app.test_client(), FRAME.to_csv(index=False).encode(), "march.csv")
    assert "does not answer" in page
