"""Files of all kinds that somebody may send by mistake or on purpose: each is refused in words or labelled, and the pages go on."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fakes.sent_files import labelled, outcome, send
from flask import Flask
from flask.testing import FlaskClient

HEADER = b"visits,mood,member,region\n"
ROW = b"1,good,1,north\n"


def zipped(**entries: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return sink.getvalue()


def workbook(*rows: list[object]) -> bytes:
    book, sink = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(sink)
    return sink.getvalue()


def zip_bomb() -> bytes:
    """A workbook of a few kilobytes that says it unpacks to three gigabytes."""
    content = bytearray(zipped(**{"xl/worksheets/sheet1.xml": b"0" * 10_000}))
    central = content.index(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<I", 3 * 2**30)
    return bytes(content)


def encrypted_workbook() -> bytes:
    """The container that Excel writes around a workbook with a password: no zip, but OLE."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3_064)


def parquet_of_nested() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"visits": [[1, 2]], "mood": [{"a": 1}], "member": [1], "region": ["north"]}), sink)
    return sink.getvalue()


def parquet_of_many_rows() -> bytes:
    """A few kilobytes that hold a million equal rows."""
    sink, n = io.BytesIO(), 1_000_000
    same = {"visits": 1.0, "mood": "good", "member": 1.0, "region": "north"}
    table = {name: pa.repeat(pa.scalar(value), n) for name, value in same.items()}
    pq.write_table(pa.table(table), sink, compression="zstd")
    return sink.getvalue()


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("empty.csv", lambda: b"", "cannot be labelled"),
    "only a header": ("header.csv", lambda: HEADER, "no shoppers below it"),
    "columns missing": ("few.csv", lambda: b"who,mood\na,good\n", "visits"),
    "a column twice": ("twice.csv", lambda: b"visits," + HEADER + b"1," + ROW, "visits"),
    "short rows": ("short.csv", lambda: HEADER + ROW + b"1,good,1\n", "problem"),
    "bytes that are not text": ("binary.csv", lambda: bytes(range(256)) * 40, "missing: &#39;member&#39;"),
    "nothing but zeros": ("zeros.csv", lambda: bytes(50_000), "missing: &#39;member&#39;"),
    "a workbook called csv": ("book.csv", lambda: workbook(["visits"], [1]), "cannot be labelled"),
    "a text called xlsx": ("text.xlsx", lambda: HEADER + ROW, "not an Excel file"),
    "a zip of something else": ("zip.xlsx", lambda: zipped(readme=b"x"), "not an Excel file"),
    "a workbook cut short": ("cut.xlsx", lambda: workbook(["visits"], [1])[:-400], "not an Excel file"),
    "an empty workbook": ("empty.xlsx", workbook, "cannot be labelled"),
    "a zip bomb": ("bomb.xlsx", zip_bomb, "would unpack to 3.0 GB"),
    "an encrypted workbook": ("secret.xlsx", encrypted_workbook, "without a password"),
    "a Parquet file in name only": ("fake.parquet", lambda: b"PAR1 but not really PAR1", "cannot be labelled"),
    "a Parquet file of lists": ("nested.parquet", parquet_of_nested, "problem"),
    "a Parquet file of a million rows": ("many.parquet", parquet_of_many_rows, "more than 30,000 rows"),
    "an SPSS file in name only": ("fake.sav", lambda: b"$FL2@(#) SPSS" + bytes(500), "cannot be labelled"),
    "more rows than are taken": ("long.csv", lambda: HEADER + ROW * 30_001, "more than 30,000 rows"),
    "numbers beyond all bounds": ("huge.csv", lambda: HEADER + b"1e400,good,1,north\n", "problem"),
    "a quotation that never ends": (
        "open.csv",
        lambda: HEADER + b'"1,good,1,north\n' + ROW * 9,
        "unexpected end of data",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_odd_file_is_refused_in_words_and_the_pages_go_on(app: Flask, case: str) -> None:
    name, make, told = REFUSED[case]
    app.config["DESK"].most_rows = 30_000
    client = app.test_client()
    _, page = outcome(client, make(), name)
    assert " labelled." not in page
    assert told in page
    assert "/uploads_" not in page, "no path of the machine"
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("name", ["march.exe", "march", "..", "", "march.xls", "march.csv.gz", "../../march"])
def test_a_file_of_another_kind_is_not_even_taken(client: FlaskClient, name: str) -> None:
    assert send(client, b"x", name).status_code == 400


@pytest.mark.parametrize("name", ["../../../etc/march.csv", "C:\\temp\\march.csv", "märz 1.csv", "a" * 300 + ".csv"])
def test_an_odd_name_leads_nowhere(client: FlaskClient, tmp_path: Path, name: str) -> None:
    labelled(client, HEADER + ROW, name)
    kept = [path for path in tmp_path.rglob("*.csv") if path.is_file()]
    assert [path.parent.name for path in kept] == ["labelled"]


def test_ten_thousand_columns_come_back_all_of_them(client: FlaskClient) -> None:
    others = [f"other_{place}" for place in range(10_000)]
    frame = pd.DataFrame(
        [[1, "good", 1, "north", *range(10_000)]], columns=["visits", "mood", "member", "region", *others]
    )
    back = labelled(client, frame.to_csv(index=False).encode(), "wide.csv")
    assert back.splitlines()[0].startswith(b"visits,mood,member,region,other_0,")
    assert back.splitlines()[1].count(b",") == 10_003 + 8


def test_formulas_are_shown_as_texts_and_come_back_as_they_were(client: FlaskClient) -> None:
    evil = b'=HYPERLINK("http://example.org"),1,good,1,north\n'
    address, page = outcome(client, b"who," + HEADER + evil, "evil.csv")
    assert "=HYPERLINK(" in page
    assert '<a href="http://example.org' not in page
    assert evil.strip() in client.get(f"{address}/file").data


def test_markup_in_a_file_is_shown_and_not_run(client: FlaskClient) -> None:
    _, page = outcome(client, b"who," + HEADER + b"<script>alert(1)</script>," + ROW, "<b>x.csv")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_process_that_dies_of_a_file_is_told_and_the_pages_go_on(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dtc_dashboard.uploads.labelling_process.LONGEST_SECONDS", 0.01)
    _, page = outcome(client, HEADER + ROW, "slow.csv")
    assert "too much time or memory" in page
    monkeypatch.undo()
    labelled(client, HEADER + ROW, "slow.csv")
