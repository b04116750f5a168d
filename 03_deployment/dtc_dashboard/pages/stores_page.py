"""``/stores``: archetypes of stores, the ranking within each, potential, what to do, who changed, and the checks of the data."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, Response, abort, request

from dtc_dashboard.pages.context import show, sources
from dtc_dashboard.parts import CSV_TYPE, XLSX_TYPE, as_csv, as_xlsx
from dtc_dashboard.queries import StoresPage, are_stores, ask, outline, read_store_path, read_stores, segment_colours

stores_page = Blueprint("stores", __name__)

FEW_SHOWN: Final = 10
"""Rows of a list on the page before a person asks for all."""
MOST_SHOWN: Final = 300
"""Rows of a list on the page at most; the file has all."""
_HEADER: Final = (
    "archetype",
    "place",
    "unit_id",
    "tier",
    "revenue_per_m2",
    "potential",
    "potential_gap",
    "potential_error",
    "probability",
    "runner_up",
    "remark",
)


@stores_page.get("/stores")
def stores() -> str:
    """Show the segmentations whose units are stores, and of each the archetype that is asked for."""
    own = list(filter(are_stores, sources().ordered()))
    found = [(outline(sources(), one), ask(lambda one=one: read_stores(sources(), one))) for one in own]  # type: ignore[misc]  # a default is not an argument of theirs
    looked_for, wanted = request.args.get("store", "").strip(), request.args.get("archetype", "")
    paths = {
        one.name: ask(lambda one=one: read_store_path(sources(), one, looked_for)).value or ()  # type: ignore[misc]  # likewise
        for one in (own if looked_for else ())
    }
    return show(
        "stores.html.j2",
        found=found,
        paths=paths,
        names={one.name: dict(zip(one.catalogue.segment_ids, one.catalogue.segment_names, strict=True)) for one in own},
        looked_for=looked_for,
        wanted=wanted,
        few_shown=FEW_SHOWN,
        most_shown=MOST_SHOWN,
        all_of=request.args.get("all", ""),
        colours={one.name: segment_colours(one.catalogue) for one in own},
    )


@stores_page.get("/stores/<name>.<kind>")
def export(name: str, kind: str) -> Response:
    """Return all stores of the newest quarter as a file, with what is recommended."""
    writers = {"csv": (as_csv, CSV_TYPE), "xlsx": (as_xlsx, XLSX_TYPE)}
    page = read_stores(sources(), sources().segmentation(name))
    if kind not in writers or page is None:
        abort(404)
    write, content_type = writers[kind]
    answer = Response(write((*_HEADER, "actions"), _rows(page)), content_type=content_type)
    answer.headers["Content-Disposition"] = f"attachment; filename=stores_{page.wave}.{kind}"
    return answer


def _rows(page: StoresPage) -> Iterator[tuple[Any, ...]]:
    for archetype, lines in page.stores.items():
        for line in lines:
            actions = "; ".join(f"{one['action']} ({one['reason']})" for one in line.actions)
            yield (archetype, line.rank, *(line.facts.get(name) for name in _HEADER[2:]), actions)
