"""``/data``: what was ingested and labelled when, and from which file."""

from typing import Final

from flask import Blueprint

from dtc_dashboard.pages.context import show, sources
from dtc_dashboard.queries import ask, stored_data_of, transaction_files

data_page = Blueprint("data", __name__)

MOST_FILES: Final = 20
"""Survey files of a segmentation that are listed, the newest; the others are counted."""


@data_page.get("/data")
def data() -> str:
    """Show the tables of all segmentations, and the files of transactions."""
    tables = [(one, ask(lambda one=one: stored_data_of(sources(), one))) for one in sources().ordered()]  # type: ignore[misc]  # a default is not an argument of theirs
    return show("data.html.j2", tables=tables, files=ask(lambda: transaction_files(sources())), most_files=MOST_FILES)
