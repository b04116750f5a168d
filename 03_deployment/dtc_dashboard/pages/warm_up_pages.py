"""What would make the first page slow: large imports, and figures of whole tables, made again whenever these change."""

import threading
from typing import Final

import structlog
from dtc_data.catalogue import Segmentation
from dtc_data.core import DtcError
from dtc_data.forecasts import ListWish
from flask import Flask

from dtc_dashboard.pages.customers_page import USUAL_CAPACITY
from dtc_dashboard.parts import lines_over_waves
from dtc_dashboard.queries import (
    Sources,
    ask,
    labelled_waves,
    patiently,
    profile,
    read_call_list,
    read_overview,
    stored_data_of,
    versions_of,
)

EVERY_SECONDS: Final = 3.0
"""How often Postgres is asked whether a table has changed; it answers from its own counters."""
MOST_WAVES: Final = 12
"""Waves of a segmentation, the newest, whose profiles are there before anybody asks."""

_log = structlog.get_logger()


def warm_up(app: Flask) -> None:
    """Prepare what the pages show, unless it is there: a thread calls this, for which nobody waits."""
    sources: Sources = app.config["SOURCES"]
    with patiently():
        read_overview(sources)
        for segmentation in sources.ordered():
            ask(lambda one=segmentation: _prepare_waves(sources, one))  # type: ignore[misc]  # a default is not an argument of theirs
            ask(lambda one=segmentation: stored_data_of(sources, one))  # type: ignore[misc]  # likewise
            ask(lambda one=segmentation: versions_of(sources, one))  # type: ignore[misc]  # likewise
        ask(lambda: read_call_list(sources, ListWish(capacity=USUAL_CAPACITY)))


def keep_warm(app: Flask, ended: threading.Event) -> None:
    """Prepare everything now and after each change of a table, until the event is set."""
    sources: Sources = app.config["SOURCES"]
    lines_over_waves([{"wave": "2025-01", "segment": "a", "share": 1.0}], {"a": "#000000"}, "")
    prepared: object = None
    while not ended.is_set():
        try:
            if (stamps := sources.stamps()) != prepared:
                warm_up(app)
                prepared = stamps
        except DtcError as error:
            _log.info("nothing can be prepared now", reason=str(error))
        ended.wait(EVERY_SECONDS)


def _prepare_waves(sources: Sources, segmentation: Segmentation) -> None:
    segments = segmentation.catalogue.segments
    for place, counts in enumerate(labelled_waves(sources, segmentation)[: -MOST_WAVES - 1 : -1]):
        own = [segment for segment in segments if counts.by_segment.get(segment.id)]
        for segment in own if place == 0 else own[:1]:
            profile(sources, segmentation, segment, counts.wave)
