"""Figures are made beside the pages, once for each change, and the last ones stand until then."""

import threading
from collections.abc import Iterator

import pytest
from dtc_dashboard.errors import FiguresPendingError
from dtc_dashboard.queries import begin_watching, patiently
from dtc_dashboard.queries.prepared_figures import PreparedFigures
from dtc_data.core import DtcError

KEY = ("table", "counts")


class SlowScan:
    """A scan that ends when a test says so."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.scans = 0

    def __call__(self) -> str:
        self.scans += 1
        assert self.may_end.wait(300)
        return f"scan {self.scans}"


@pytest.fixture(autouse=True)
def _a_page_begins() -> None:
    begin_watching()


@pytest.fixture
def scan() -> Iterator[SlowScan]:
    slow = SlowScan()
    yield slow
    slow.may_end.set()


@pytest.fixture
def figures() -> PreparedFigures:
    return PreparedFigures(patience_seconds=0.05)


def test_a_page_shows_the_last_figures_with_their_age_while_newer_ones_are_made(
    figures: PreparedFigures, scan: SlowScan
) -> None:
    with patiently():
        assert figures.get(KEY, 1, lambda: "of before") == "of before"
    seen = begin_watching()
    assert figures.get(KEY, 2, scan) == "of before"
    assert seen.made_at is not None
    assert not seen.pending
    scan.may_end.set()
    with patiently():
        assert figures.get(KEY, 2, scan) == "scan 1"
    assert scan.scans == 1


def test_without_figures_of_before_a_page_says_that_they_are_on_their_way(
    figures: PreparedFigures, scan: SlowScan
) -> None:
    seen = begin_watching()
    with pytest.raises(FiguresPendingError):
        figures.get(KEY, 1, scan)
    assert seen.pending


def test_people_who_ask_meanwhile_begin_no_second_scan(figures: PreparedFigures, scan: SlowScan) -> None:
    for _ in range(3):
        with pytest.raises(FiguresPendingError):
            figures.get(KEY, 1, scan)
    scan.may_end.set()
    with patiently():
        assert figures.get(KEY, 1, scan) == "scan 1"


def test_what_changed_during_a_scan_is_scanned_again(figures: PreparedFigures, scan: SlowScan) -> None:
    with pytest.raises(FiguresPendingError):
        figures.get(KEY, 1, scan)
    scan.may_end.set()
    with patiently():
        assert figures.get(KEY, 2, scan) == "scan 2"


def test_figures_of_another_catalogue_are_never_shown(figures: PreparedFigures, scan: SlowScan) -> None:
    with patiently():
        figures.get(KEY, 1, lambda: "of the old catalogue", of="old")
    with pytest.raises(FiguresPendingError):
        figures.get(KEY, 1, scan, of="new")


def test_one_page_waits_once_however_many_figures_it_shows(scan: SlowScan) -> None:
    figures = PreparedFigures(patience_seconds=1.0)
    seen = begin_watching()
    for place in range(20):
        with pytest.raises(FiguresPendingError):
            figures.get((*KEY, str(place)), 1, scan)
    assert seen.waited_seconds < 20 * 1.0 / 2


def test_a_scan_that_failed_is_tried_again(figures: PreparedFigures) -> None:
    def fail() -> str:
        raise DtcError("Postgres is down")

    with patiently():
        with pytest.raises(DtcError, match="Postgres is down"):
            figures.get(KEY, 1, fail)
        assert figures.get(KEY, 1, lambda: "there again") == "there again"
