"""``/decisions``: what waits for a person, what the gate found, and the buttons; decisions are made by `dtc_model`."""

from typing import Final, get_args

from dtc_data.core import DtcError, SettingsError
from dtc_model.errors import RegistryConflictError
from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from dtc_dashboard.access import approver_only, person
from dtc_dashboard.pages.context import show, sources, texts
from dtc_dashboard.queries import Act, ask, decide, versions_of

decisions_page = Blueprint("decisions", __name__)

_ACTS: Final = frozenset(get_args(Act))


@decisions_page.get("/decisions")
def decisions() -> str | Response:
    """Show the versions of one segmentation, and what waits in the others; without any the overview tells what comes first."""
    ordered = sources().ordered()
    name = request.args.get("segmentation") or (ordered[0].name if ordered else "")
    if not name:
        return redirect(url_for("overview.overview"))
    chosen = sources().segmentation(name)
    found = ask(lambda: versions_of(sources(), chosen))
    return show("decisions.html.j2", chosen, found=found)


@decisions_page.post("/decisions/<name>/<act>")
@approver_only
def make_decision(name: str, act: Act) -> Response:
    """Have a decision made, and show what came of it."""
    if act not in _ACTS:
        abort(404)
    chosen = sources().segmentation(name)
    form, said = request.form, texts()
    try:
        done = decide(
            sources(),
            chosen,
            act,
            version=form.get("version", ""),
            by=person().name or form.get("by", ""),
            why=form.get("why", ""),
            expected_production=form.get("expected") or None,
        )
    except RegistryConflictError as error:
        flash(said("decisions.refused", reason=error), "refused")
    except SettingsError:
        flash(said("decisions.incomplete"), "refused")
    except DtcError as error:
        flash(said("decisions.failed", reason=error), "refused")
    else:
        text = "decisions.repeated" if done.result.repeated else "decisions.done"
        flash(said(text, decision=done.result.decision, production=done.result.production_version), "done")
        if done.advice:
            flash(done.advice, "advice")
    return redirect(url_for("decisions.decisions", segmentation=name))
