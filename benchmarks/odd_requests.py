"""Odd and broken requests to the persona service, from a seed; every answer is judged.

``python benchmarks/odd_requests.py`` starts a service and sends 20,000; exit code 1 means that an answer was not right.

A request counts as answered well if its status is one that the description allows, an error says what is wrong, and labels
come only for bodies that are right, as many as there are respondents and each the one that the model gives.
"""

import argparse
import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import numpy as np
from dtc_data.catalogue import Catalogue, load_catalogue
from dtc_model.rule import SegmentModel
from service_process import PROJECT_FOLDER, end_on_sigterm, free_port, running, service_command, service_environment

sys.path.append(str(PROJECT_FOLDER / "tests"))
from fakes.registry import FakeRegistry

EXPECTED_STATUSES = frozenset({200, 400, 404, 405, 406, 411, 413, 415, 431, 501, 505})

_VALUES: tuple[Any, ...] = (
    None, True, False, "", "7", "NaN", "1e5", [], [1], {}, {"x1": 1}, 0, -0.0, 5e-324, 1e308, -1e308, 1e13, 10**25, 10**400,
    2**53 + 1, 12345678901234567890, "é" * 50, "\x00", "\ud83d\ude00",
)  # fmt: skip
_LITERALS = ("NaN", "Infinity", "-Infinity", "1e999", "01", "+1", ".5", "1.", "0x1F", "1_000", "tru", "'1'", "[" * 5000)
_TYPES = (
    "application/json", "application/json; charset=utf-8", "text/csv", "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.stream", "text/plain", "application/xml", "multipart/form-data", "", "a/b;;;=", "é",
)  # fmt: skip
_METHODS = ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "BREW")


@dataclass
class OddRequest:
    """What is sent, and what may come back."""

    kind: str
    content: bytes
    method: str = "POST"
    path: str = "/predict"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    answers: "list[list[float]] | None" = None
    """The respondents, if the body is right."""


@dataclass
class Findings:
    """What came back."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


class OddRequests:
    """Makes odd requests for a catalogue; the same seed gives the same ones."""

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - a repeatable fuzz, not a secret
        self._names = catalogue.feature_names
        self._makers = (
            self._right, self._wrong_value, self._wrong_literal, self._broken_bytes, self._cut_off, self._keys, self._shapes,
            self._types, self._packed, self._methods, self._queries, self._deep, self._numbers,
        )  # fmt: skip

    def __iter__(self) -> Iterator[OddRequest]:
        while True:
            maker = self._random.choice(self._makers)
            request = maker()
            request.kind = maker.__name__.lstrip("_")
            yield request

    def _rows(self) -> list[list[float]]:
        n_rows = self._random.choice((0, 1, 1, 2, 3, 20))
        return [[self._random.uniform(-12, 12) for _ in self._names] for _ in range(n_rows)]

    def _form(self, rows: list[list[Any]]) -> list[Any]:
        keys = self._random.choice((self._names, tuple(map(str, range(len(self._names)))), None))
        return rows if keys is None else [dict(zip(keys, row, strict=True)) for row in rows]

    def _right(self) -> OddRequest:
        rows = self._rows()
        return OddRequest("", json.dumps(self._form(rows)).encode(), answers=rows)

    def _wrong_value(self) -> OddRequest:
        rows: list[list[Any]] = self._rows() or [[0.0] * len(self._names)]
        value = self._random.choice(_VALUES)
        row, column = self._random.randrange(len(rows)), self._random.randrange(len(self._names))
        rows[row][column] = value
        number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e12
        content = json.dumps(self._form(rows)).encode("utf-8", "surrogatepass")
        return OddRequest("", content, answers=rows if number else None)

    def _wrong_literal(self) -> OddRequest:
        text = json.dumps(self._form([[1.25] * len(self._names)] * 2))
        return OddRequest("", text.replace("1.25", self._random.choice(_LITERALS), 1).encode())

    def _broken_bytes(self) -> OddRequest:
        body = bytearray(json.dumps(self._form(self._rows() or [[1.0] * len(self._names)])).encode())
        for _ in range(self._random.randint(1, 4)):
            body[self._random.randrange(len(body))] = self._random.choice((0, 0x80, 0xFF, 0xC3, 0xED))
        return OddRequest("", bytes(body))

    def _cut_off(self) -> OddRequest:
        body = json.dumps(self._form([[1.5] * len(self._names)] * 3)).encode()
        return OddRequest("", body[: self._random.randrange(len(body))])

    def _keys(self) -> OddRequest:
        names = list(self._names)
        change = self._random.choice(("twice", "missing", "unknown", "mixed"))
        row = dict.fromkeys(names, 1)
        if change == "twice":
            return OddRequest("", f'[{json.dumps(row)[:-1]}, "{self._random.choice(names)}": 1}}]'.encode())
        other: dict[str, Any] = dict(row)
        if change == "missing":
            del other[self._random.choice(names)]
        if change == "unknown":
            other[self._random.choice(("", "X1", "id", "x" * 5000, "\u0000", "ключ"))] = 1
        if change == "mixed":
            other = dict.fromkeys(map(str, range(len(names))), 1)
        return OddRequest("", json.dumps([row, other]).encode())

    def _shapes(self) -> OddRequest:
        n_features = len(self._names)
        shapes: tuple[Any, ...] = (
            {}, 5, "x", None, [1], [[]], [None], [[1.0] * (n_features - 1)], [[1.0] * (n_features + 1)], [[[1.0] * n_features]],
            {"dataframe_split": {}}, [[1.0] * n_features, {}],
        )  # fmt: skip
        return OddRequest("", json.dumps(self._random.choice(shapes)).encode())

    def _types(self) -> OddRequest:
        body = json.dumps(self._form([[2.0] * len(self._names)])).encode()
        headers = {"Content-Type": self._random.choice(_TYPES[1:]).encode("utf-8").decode("latin-1")}
        if self._random.random() < 0.3:
            headers["Accept"] = self._random.choice(
                ("image/png", "text/csv", "*/*;q=0", ";;", "a/b/c", "application/*")
            )
        return OddRequest("", body if self._random.random() < 0.7 else self._random.randbytes(200), headers=headers)

    def _packed(self) -> OddRequest:
        body = json.dumps([[3.0] * len(self._names)]).encode()
        packed = self._random.choice(
            (
                gzip.compress(body),
                gzip.compress(body)[:-5],
                b"\x1f\x8b" + self._random.randbytes(50),
                gzip.compress(b" " * 10**7),
                body,
            )
        )
        encoding = self._random.choice(("gzip", "GZIP", "br", "deflate", "gzip, gzip", "identity"))
        return OddRequest("", packed, headers={"Content-Type": "application/json", "Content-Encoding": encoding})

    def _methods(self) -> OddRequest:
        path = self._random.choice(
            ("/predict", "/model", "/healthz", "/readyz", "/metrics", "/nowhere", "/predict/", "//")
        )
        return OddRequest("", b"", method=self._random.choice(_METHODS), path=path)

    def _queries(self) -> OddRequest:
        query = self._random.choice(
            (
                "detail=",
                "detail=FULL",
                "id=%ff",
                "id=",
                "id=label",
                "id=x1",
                "&&&",
                "id=a&" * 80,
                "detail=full&detail=x",
            )
        )
        return OddRequest("", b"[]", path=f"/predict?{query}")

    def _deep(self) -> OddRequest:
        opening = self._random.choice(("[", '{"a":', '[{"x1":'))
        return OddRequest("", opening.encode() * self._random.choice((10, 1000, 50_000)))

    def _numbers(self) -> OddRequest:
        digits = "9" * self._random.choice((1, 17, 309, 5000))
        number = self._random.choice((digits, f"-{digits}", f"0.{digits}", f"1e{digits[:4]}", f"-1E-{digits[:4]}"))
        return OddRequest("", f"[[{', '.join([number] * len(self._names))}]]".encode())


def send_odd_requests(url: str, catalogue: Catalogue, model: SegmentModel, n_requests: int, seed: int) -> Findings:
    """Send odd requests one after the other and judge each answer."""
    findings = Findings()
    with httpx.Client(base_url=url, timeout=30) as client:
        for request, _ in zip(OddRequests(catalogue, seed), range(n_requests), strict=False):
            findings.requests += 1
            findings.kinds[request.kind] += 1
            try:
                answer = client.request(
                    request.method,
                    request.path,
                    content=request.content,
                    headers=[(name.encode(), value.encode("latin-1")) for name, value in request.headers.items()],
                )
            except httpx.HTTPError as error:
                findings.problems.append(f"{request.kind}: {type(error).__name__}: {error}")
                continue
            findings.statuses[answer.status_code] += 1
            if problem := _judge(request, answer, model):
                findings.problems.append(f"{request.kind}: {problem}: {request.content[:200]!r}")
    return findings


def _judge(request: OddRequest, answer: httpx.Response, model: SegmentModel) -> str | None:
    if answer.is_redirect and not request.path.strip("/"):
        return None if answer.headers["Location"] == "docs" else f"led to {answer.headers['Location']}"
    if answer.status_code not in EXPECTED_STATUSES:
        return f"status {answer.status_code}"
    if request.answers is not None:
        return _judge_labels(request.answers, answer, model)
    if answer.status_code == 200 and answer.headers["Content-Type"] == "application/json" and request.method == "POST":
        labels = answer.json()["labels"]
        if not set(labels) <= set(model.segment_ids):
            return "labels that are none"
    from_us = answer.headers.get("Content-Type") == "application/json"
    if answer.status_code >= 400 and from_us and request.method != "HEAD" and not answer.json()["error"]["message"]:
        return "an error without a message"
    return None


def _judge_labels(rows: list[list[float]], answer: httpx.Response, model: SegmentModel) -> str | None:
    if answer.status_code != 200:
        return f"a right body is refused with {answer.status_code}: {answer.text[:200]}"
    expected = model.label(
        np.array(rows, dtype=np.float64).reshape(len(rows), -1) if rows else np.empty((0, len(model.feature_names)))
    )
    if msgspec.json.decode(answer.content)["labels"] != expected.tolist():
        return "wrong labels"
    return None


def main() -> None:
    """Start a service, send the requests and print what came back."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    end_on_sigterm()
    catalogue = load_catalogue(PROJECT_FOLDER / "00_create_data" / "catalogues" / "dtc_personas.yaml")
    model = SegmentModel.from_catalogue(catalogue)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, FakeRegistry(catalogue.registered_model) as registry:
        registry.add("1", model.to_json())
        registry.production = "1"
        environment = service_environment(registry.url, port, access_log=False, max_bytes=2**20)
        log = Path(folder) / "service.log"
        with running(service_command(), f"{url}/readyz", log, environment):
            findings = send_odd_requests(url, catalogue, model, arguments.requests, arguments.seed)
        if "request failed" in log.read_text():
            findings.problems.append("the log has unforeseen failures")
    print(json.dumps(vars(findings), indent=2))
    raise SystemExit(bool(findings.problems))


if __name__ == "__main__":
    main()
