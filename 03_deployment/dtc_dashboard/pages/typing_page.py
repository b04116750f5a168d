"""``/type/<name>``: a form that follows the catalogue, and the segment of what was typed into it."""

from typing import Final

from dtc_data.catalogue import Catalogue
from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from dtc_dashboard.pages.context import show, sources, texts
from dtc_dashboard.parts import bars_to_both_sides
from dtc_dashboard.queries import QueryResult, Typed, ask, label_typed, read_typed, segment_colours, typical_texts

typing_page = Blueprint("typing", __name__)

SHOWN_REASONS: Final = 12
"""Most answers that are drawn as reasons; the table has all."""


@typing_page.get("/type/<name>")
def typing(name: str) -> str:
    """Show the form and, once something is typed, its segment; the address keeps the answers, so it can be passed on."""
    chosen = sources().segmentation(name)
    catalogue = chosen.catalogue
    given = _given(catalogue, request.args)
    unit = read_typed(catalogue, given)
    said: QueryResult[Typed] = QueryResult(None)
    if given and not unit.wrong:
        said = ask(lambda: label_typed(sources(), chosen, unit))
    typed = said.value
    return show(
        "typing.html.j2",
        chosen,
        unit=unit,
        asked=bool(given),
        said=said,
        typed=typed,
        typical=typical_texts(catalogue),
        colours=segment_colours(catalogue),
        titles={feature.name: feature.title for feature in catalogue.features},
        picture=_picture(catalogue, typed) if typed and typed.reasons.value else None,
    )


def _given(catalogue: Catalogue, arguments: MultiDict[str, str]) -> dict[str, str]:
    return {name: arguments[name] for name in catalogue.feature_names if name in arguments}


def _picture(catalogue: Catalogue, typed: Typed) -> object:
    titles = {feature.name: feature.title for feature in catalogue.features}
    reasons = (typed.reasons.value or [])[:SHOWN_REASONS]
    rows = [{"name": titles[pull.feature], "value": pull.amount} for pull in reasons]
    title = texts()("typing.reasons_axis", own=typed.segment, rival=typed.runner_up)
    return bars_to_both_sides(rows, title)
