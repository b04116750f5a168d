"""``/upload/<name>``: many units at once: a file in, its problems or a preview, and the labelled file out."""

from copy import copy
from pathlib import PurePath
from typing import Any, Final

from dtc_data.files import SUFFIXES
from dtc_data.surveys import IF_ALLOWED, Kind
from flask import Blueprint, abort, redirect, request, send_file, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from dtc_dashboard.access import person
from dtc_dashboard.errors import UploadError
from dtc_dashboard.pages.context import desk, settings, show, sources
from dtc_dashboard.uploads import Job

upload_page = Blueprint("upload", __name__)

MAY_PASS: Final = (Kind.UNREADABLE, Kind.RANGE, Kind.MISSING)
"""Kinds of problem with answers that a person may let pass."""
LONGEST_NAME: Final = 80
"""Characters of a file's name that are kept."""


@upload_page.get("/upload/<name>")
def upload(name: str) -> str:
    """Show the form."""
    return _form(name, "")


@upload_page.post("/upload/<name>")
def take_file(name: str) -> Response | tuple[str, int]:
    """Take a file, and lead to where its progress is shown."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _form(name, "no_file"), 400
    file_name = _short(secure_filename(given.filename) or "upload")
    try:
        job = desk().take(sources().segmentation(name), file_name, person().name, given.save, _options())
    except UploadError as error:
        return _form(name, str(error)), error.http_status
    return redirect(url_for("upload.job", name=name, token=job.token), code=303)


@upload_page.get("/upload/<name>/<token>", endpoint="job")
def show_job(name: str, token: str) -> str:
    """Show how far a file is, and in the end what came of it."""
    found = copy(_job(token))  # as it is now: it goes on while the page is written
    return show("upload_job.html.j2", sources().segmentation(name), job=found)


@upload_page.get("/upload/<name>/<token>/file")
def fetch(name: str, token: str) -> Response:
    """Return the labelled file."""
    found = _job(token)
    if found.state != "done" or name != found.segmentation.name:
        abort(404)
    return send_file(found.result, as_attachment=True, download_name=found.result_name, max_age=0)


@upload_page.post("/upload/<name>/<token>/forget")
def forget(name: str, token: str) -> Response:
    """Delete the file and everything that was made of it."""
    desk().forget(_job(token))
    return redirect(url_for("upload.upload", name=name), code=303)


def _form(name: str, problem: str) -> str:
    chosen, limits = sources().segmentation(name), settings()
    limit = {"rows": limits.max_rows, "megabytes": limits.max_bytes // 2**20}
    return show("upload.html.j2", chosen, problem_of_file=problem, suffixes=SUFFIXES, limit=limit, may_pass=MAY_PASS)


def _short(file_name: str) -> str:
    path = PurePath(file_name)
    return f"{path.stem[:LONGEST_NAME]}{path.suffix[:LONGEST_NAME]}"


def _options() -> dict[str, Any]:
    """Return what the person says about the file; what is not said is found out."""
    said = {name: request.form.get(name, "").strip() for name in ("encoding", "delimiter", "decimal", "sheet")}
    if said["delimiter"] == "tab":
        said["delimiter"] = "\t"
    allowed = [kind for kind in request.form.getlist("allow") if kind in IF_ALLOWED]
    return {name: value for name, value in said.items() if value} | {"allow": allowed}


def _job(token: str) -> Job:
    found = desk().find(token, person().name)
    if found is None:
        abort(404)
    return found
