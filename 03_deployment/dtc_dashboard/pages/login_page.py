"""``/login``, ``/logout`` and the choice of the language."""

from typing import Final

from flask import Blueprint, abort, redirect, request, session, url_for
from werkzeug.wrappers import Response

from dtc_dashboard.pages.context import LANGUAGE_COOKIE, gate, settings, show, texts
from dtc_dashboard.texts import LANGUAGES

login_page = Blueprint("access", __name__)

_YEAR_SECONDS: Final = 365 * 24 * 3600


@login_page.route("/login", methods=["GET", "POST"], endpoint="login")
def log_in() -> str | Response | tuple[str, int]:
    """Ask for name and password, and go on to where the person wanted to."""
    users = gate().users
    if users is None:
        return redirect(url_for("overview.overview"))
    target = _own_address(request.values.get("next", ""))
    if request.method == "GET":
        return show("login.html.j2", problem="", target=target, nobody=users.is_empty)
    if gate().log_in(request.form.get("name", ""), request.form.get("password", "")):
        return redirect(target or url_for("overview.overview"))
    return show("login.html.j2", problem=texts()("login.wrong"), target=target, nobody=users.is_empty), 401


@login_page.post("/logout")
def log_out() -> Response:
    """End the session."""
    session.clear()
    return redirect(url_for("access.login"))


@login_page.post("/language/<code>", endpoint="language")
def choose_language(code: str) -> Response:
    """Keep the language that somebody chose, and go back to the page."""
    if code not in LANGUAGES:
        abort(404)
    answer = redirect(_own_address(request.form.get("next", "")) or url_for("overview.overview"))
    secure = settings().page.startswith("https://")
    answer.set_cookie(LANGUAGE_COOKIE, code, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=secure)
    return answer


def _own_address(given: str) -> str:
    r"""Return an address only if it leads to a page here: ``//elsewhere`` and ``/\elsewhere`` do not."""
    return given if given.startswith("/") and given[1:2] not in {"/", "\\"} else ""
