"""``/segments/<name>``: what sets each segment apart, how large it is, and who is typical of it."""

import csv
import io
from collections.abc import Sequence
from typing import Any, cast

from dtc_data.catalogue import Catalogue, Segment, Words
from dtc_data.core import Wave
from dtc_data.tables import WaveCounts
from flask import Blueprint, Response, abort, request
from werkzeug.utils import secure_filename

from dtc_dashboard.pages.context import show, sources, texts
from dtc_dashboard.parts import FORMATS, Format, dots_with_intervals, draw, lines_over_waves
from dtc_dashboard.queries import (
    Profile,
    QueryResult,
    ask,
    labelled_waves,
    patiently,
    profile,
    segment_colours,
)

segments_page = Blueprint("segments", __name__)


@segments_page.get("/segments/<name>")
def segments(name: str) -> str:
    """Show a segmentation's segments, and one of them closely."""
    chosen = sources().segmentation(name)
    catalogue = chosen.catalogue
    waves = ask(lambda: labelled_waves(sources(), chosen))
    segment = _segment(catalogue, "segment") or catalogue.segments[0]
    other = _segment(catalogue, "with")
    counts = waves.value or []
    wave = _wave(request.args.get("wave"), [found.wave for found in counts])
    found: QueryResult[Profile] = QueryResult(None)
    if wave is not None:
        found = ask(lambda: profile(sources(), chosen, segment, wave, other))
    colours = segment_colours(catalogue)
    return show(
        "segments.html.j2",
        chosen,
        waves=waves,
        wave=wave,
        counts=next((one for one in counts if one.wave == wave), None),
        segment=segment,
        other=other if other is not segment else None,
        found=found,
        colours=colours,
        picture=_picture(found.value, colours[segment.id]) if found.value else None,
        sizes=_sizes(catalogue, counts),
    )


@segments_page.get("/segments/<name>/<int:segment_id>/<wave>.<kind>")
def download(name: str, segment_id: int, wave: str, kind: str) -> Response:
    """Return the profile of a segment to take away: as a table, a picture, or a page for a meeting."""
    chosen = sources().segmentation(name)
    catalogue = chosen.catalogue
    segment = next((one for one in catalogue.segments if one.id == segment_id), None)
    with patiently():  # whoever takes a file away wants today's figures
        counts = next((one for one in labelled_waves(sources(), chosen) if str(one.wave) == wave), None)
        if segment is None or counts is None or kind not in {"csv", *FORMATS}:
            abort(404)
        found = profile(sources(), chosen, segment, counts.wave)
    if kind == "csv":
        return _as_file(_table(found), "text/csv; charset=utf-8", f"{name}_{segment_id}_{wave}.csv")
    said, words = texts(), catalogue.words
    share = f"{said.percent(counts.share(segment.id))} {said('segments.share', words, wave=wave)}"
    lines = [share, segment.description, segment.action, said("segments.profile_caption", words)]
    picture = cast(dict[str, Any], _picture(found, segment_colours(catalogue)[segment.id]))
    heading, said_lines = f"{segment.name} ({catalogue.name})", [line for line in lines if line]
    drawn = draw(picture, cast(Format, kind), heading, said_lines, _in_words(found, segment, words))
    return _as_file(drawn, FORMATS[kind], f"{name}_{segment_id}_{wave}.{kind}")


def _as_file(content: bytes, content_type: str, file_name: str) -> Response:
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = f"attachment; filename={secure_filename(file_name)}"
    return answer


def _table(found: Profile) -> bytes:
    """Write the profile as CSV, numbers in full."""
    sink = io.StringIO()
    rows = csv.writer(sink)
    rows.writerow(
        ["feature", "title", "question", "mean", "low", "high", "units", "mean_of_all", "difference_in_sd", "in_words"]
    )
    for line in found.lines:
        own, difference = line.own, line.difference
        figures = [own.mean, *own.interval, own.n, line.overall.mean, difference.value]
        in_words = texts()(f"difference.{difference.size}")
        rows.writerow([line.column, line.feature.title, line.feature.question, *figures, in_words])
    return sink.getvalue().encode("utf-8-sig")  # Excel reads umlauts only with the mark at the beginning


def _in_words(found: Profile, segment: Segment, words: Words) -> list[list[str]]:
    """Return the profile as people read it, a row of texts for each feature below the headings."""
    said = texts()
    average, interval = said("segments.average", words), said("segments.interval")
    rows = [[said("feature"), said("segments.in_words"), segment.name, interval, average]]
    for line in found.lines:
        figure = said.percent if line.is_share else _two_digits
        low, high = map(figure, line.interval)
        between = said("segments.from_to", low=low, high=high)
        size = said(f"difference.{line.difference.size}")
        rows.append([line.title, size, figure(line.own.mean), between, figure(line.overall.mean)])
    return rows


def _two_digits(value: float | None) -> str:
    return texts().number(value, 2)


def _segment(catalogue: Catalogue, argument: str) -> Segment | None:
    given = request.args.get(argument, "")
    return next((segment for segment in catalogue.segments if str(segment.id) == given), None)


def _wave(given: str | None, waves: list[Wave]) -> Wave | None:
    return next((wave for wave in waves if str(wave) == given), waves[-1] if waves else None)


def _picture(found: Profile, colour: str) -> object:
    rows = [
        {
            "name": line.title,
            "value": line.difference.value,
            "low": line.difference.low,
            "high": line.difference.high,
        }
        for line in found.lines
    ]
    return dots_with_intervals(rows, colour, texts()("segments.difference_axis"))


def _sizes(catalogue: Catalogue, counts: Sequence[WaveCounts]) -> object | None:
    rows = [
        {"wave": str(one.wave), "segment": segment.name, "share": one.share(segment.id)}
        for one in counts
        for segment in catalogue.segments
    ]
    colours = segment_colours(catalogue)
    named = {segment.name: colours[segment.id] for segment in catalogue.segments}
    return lines_over_waves(rows, named, texts()("overview.share_axis", catalogue.words)) if rows else None
