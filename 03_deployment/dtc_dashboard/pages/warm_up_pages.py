"""What would make the first page slow: large imports, and figures that are prepared once."""

import structlog
from dtc_data.core import DtcError
from flask import Flask

from dtc_dashboard.parts import lines_over_waves
from dtc_dashboard.queries import Sources, read_overview, versions_of

_log = structlog.get_logger()


def warm_up(app: Flask) -> None:
    """Ask what the first page will ask, and draw a line; what is not up yet is asked again by the page."""
    sources: Sources = app.config["SOURCES"]
    lines_over_waves([{"wave": "2025-01", "segment": "a", "share": 1.0}], {"a": "#000000"}, "")
    try:
        read_overview(sources)
        for segmentation in sources.ordered():
            versions_of(sources, segmentation)
    except DtcError as error:
        _log.warning("the first page may take longer", reason=str(error))
