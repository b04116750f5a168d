"""``/segments/<name>``: what sets each segment apart, how large it is, and who is typical of it."""

from collections.abc import Sequence

from dtc_data.catalogue import Catalogue, Segment
from dtc_data.core import Wave
from dtc_data.tables import WaveCounts
from flask import Blueprint, request

from dtc_dashboard.pages.context import show, sources, texts
from dtc_dashboard.parts import dots_with_intervals, lines_over_waves
from dtc_dashboard.queries import Answered, Profile, ask, labelled_waves, profile, segment_colours

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
    found: Answered[Profile] = Answered(None)
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


def _segment(catalogue: Catalogue, argument: str) -> Segment | None:
    given = request.args.get(argument, "")
    return next((segment for segment in catalogue.segments if str(segment.id) == given), None)


def _wave(given: str | None, waves: list[Wave]) -> Wave | None:
    return next((wave for wave in waves if str(wave) == given), waves[-1] if waves else None)


def _picture(found: Profile, colour: str) -> object:
    rows = [
        {
            "name": f"{line.feature.title} = {line.value}" if line.value else line.feature.title,
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
