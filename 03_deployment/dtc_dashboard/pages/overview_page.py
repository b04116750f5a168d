"""``/``: all segmentations, and whether anything needs a person; ``/healthz``: whether the process lives."""

from typing import Final

from flask import Blueprint

from dtc_dashboard.pages.context import show, sources, texts
from dtc_dashboard.parts import lines_over_waves
from dtc_dashboard.queries import Outline, read_overview, segment_colours

overview_page = Blueprint("overview", __name__)

LATEST: Final = 3
"""Waves that are listed; the chart has all."""
MOST_FAILURES: Final = 5
"""Failed runs that are listed; all are counted."""


@overview_page.get("/")
def overview() -> str:
    """Show all segmentations."""
    found = read_overview(sources())
    charts = {one.segmentation.name: _chart(one) for one in found.outlines}
    commands = {one.segmentation.catalogue.registered_model: one.segmentation.command for one in found.outlines}
    return show(
        "overview.html.j2", found=found, charts=charts, latest=LATEST, commands=commands, most_failures=MOST_FAILURES
    )


@overview_page.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process answers; nothing else is asked."""
    return {"status": "alive"}


def _chart(one: Outline) -> object | None:
    catalogue = one.segmentation.catalogue
    rows = [
        {"wave": str(line.counts.wave), "segment": segment.name, "share": line.counts.share(segment.id)}
        for line in one.waves.value or ()
        if line.counts.labelled
        for segment in catalogue.segments
    ]
    colours = segment_colours(catalogue)
    named = {segment.name: colours[segment.id] for segment in catalogue.segments}
    return lines_over_waves(rows, named, texts()("overview.share_axis", catalogue.words)) if rows else None
