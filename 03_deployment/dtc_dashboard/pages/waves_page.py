"""``/waves/<name>``: verdict and evidence of each wave, drift by feature, the reports, and who moved where."""

from typing import Final, cast, get_args

from dtc_data.catalogue import Catalogue
from flask import Blueprint, Response, abort, request

from dtc_dashboard.access import REPORT_POLICY
from dtc_dashboard.pages.context import show, sources, texts
from dtc_dashboard.parts import bars_to_both_sides, ribbons
from dtc_dashboard.queries import (
    CheckedWave,
    Movement,
    Report,
    ask,
    fetch_report,
    read_checks,
    read_movement,
    segment_colours,
)

waves_page = Blueprint("waves", __name__)

SHOWN_FEATURES: Final = 30
"""Most features that are drawn; the table has all."""
_REPORTS: Final = frozenset(get_args(Report))


@waves_page.get("/waves/<name>")
def waves(name: str) -> str:
    """Show the check of one wave, the latest unless another is chosen."""
    chosen = sources().segmentation(name)
    checks = ask(lambda: read_checks(sources(), chosen))
    listed = checks.value or []
    wanted = request.args.get("wave", "")
    check = next((one for one in listed if one.content.current_wave == wanted), listed[0] if listed else None)
    picture = _picture(chosen.catalogue, check) if check and check.by_feature else None
    return show("waves.html.j2", chosen, checks=checks, check=check, picture=picture)


@waves_page.get("/waves/<name>/movement")
def movement(name: str) -> str:
    """Return the part of the page that takes longer: who moved, and why shares changed."""
    chosen = sources().segmentation(name)
    found = ask(lambda: read_movement(sources(), chosen))
    pictures = _sankeys(chosen.catalogue, found.value) if found.value else []
    return show("movement.html.j2", chosen, found=found, pictures=pictures)


@waves_page.get("/waves/<name>/<run_id>/<report>")
def report(name: str, run_id: str, report: str) -> Response:
    """Return a report that MLflow keeps, in a box of its own: its scripts reach neither the session nor the network."""
    if report not in _REPORTS:
        abort(404)
    content = fetch_report(sources(), sources().segmentation(name), run_id, cast(Report, report))
    if content is None:
        abort(404)
    answer = Response(content, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = REPORT_POLICY
    return answer


def _picture(catalogue: Catalogue, check: CheckedWave) -> object:
    titles = {feature.name: feature.title for feature in catalogue.features}
    rows = [
        {"name": titles.get(one.name, one.name), "value": one.effect, "by_chance": not one.flagged}
        for one in check.by_feature[:SHOWN_FEATURES]
    ]
    return bars_to_both_sides(rows, texts()("waves.effect_axis"))


def _sankeys(catalogue: Catalogue, found: Movement) -> list[tuple[str, object]]:
    """Return who moved while the same version labelled, and who has labels of two versions; a picture without steps is left out."""
    if found.transitions is None:
        return []
    steps = found.transitions
    colours = segment_colours(catalogue)
    own = [colours[id_] for id_ in catalogue.segment_ids]
    by_reason = {"people": steps.by_people, "model": steps.counts - steps.by_people}
    return [(why, ribbons(steps.names, counts.tolist(), own)) for why, counts in by_reason.items() if counts.any()]
