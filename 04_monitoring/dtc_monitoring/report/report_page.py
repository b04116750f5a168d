"""The report of a run as one HTML page that needs neither internet nor scripts."""

from collections.abc import Callable, Sequence
from typing import Final

from dtc_data.catalogue import capital
from dtc_model.drawing import colour, ink
from jinja2 import Environment, PackageLoader, StrictUndefined

from dtc_monitoring.report import profile_chart
from dtc_monitoring.report.profile_chart import profile_charts
from dtc_monitoring.report.report_content import ReportContent
from dtc_monitoring.report.sections import compared, decision, distributions, done, sureness
from dtc_monitoring.report.what_changed import headline
from dtc_monitoring.report.wording import percent, sentence
from dtc_monitoring.verdict import DECIDES, SHARE, STATUS_WORDS, Evidence

_SHARE_BEFORE: Final = "share of respondents"
"""What checks of before November 2026 stored for `SHARE`."""
SMALLEST_P_VALUE: Final = 1e-4
"""A smaller one is written as "below" this: its digits say nothing."""
KINDS: Final = {
    "features": "Answers",
    "fit": "Fit to the {w.segments}",
    "mix": "Mix of {w.segments}",
    "missing": "Missing answers",
    "recoding": "Question as it was asked",
}
"""What the kinds of evidence are called."""
VERDICTS: Final = {**STATUS_WORDS, "reference": "Reference"}
"""What stands beside a wave."""


def report_html(content: ReportContent) -> str:
    """Draw the page."""
    fits = [wave.fit for wave in content.waves if wave.fit is not None]
    return (
        _environment(content.colours)
        .get_template("report.html.j2")
        .render(
            content=content,
            headline=headline(content),
            compared=compared(content),
            sureness=sureness(content),
            done=done(content, most=None),
            decision=decision(content),
            distributions=distributions(content),
            kinds={kind: words.format(w=content.words) for kind, words in KINDS.items()},
            w=content.words,
            verdicts=VERDICTS,
            charts=profile_charts(content),
            geometry=profile_chart,
            in_words=_in_words(content),
            largest_fit=max(fits, default=0.0) or 1.0,
            segment_position={name: position for position, name in enumerate(_all_segments(content))},
        )
    )


def _environment(colours: Sequence[str]) -> Environment:
    environment = Environment(
        loader=PackageLoader("dtc_monitoring.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "colour": lambda position: colours[position] if position < len(colours) else colour(position),
        "ink": ink,
        "capital": capital,
        "percent": percent,
        "p_value": _p_value,
        "figure": lambda value: f"{value:.3g}",
        "size": _size,
        "sentence": sentence,
        "decides": _decides,
    }
    environment.filters |= filters
    return environment


def _size(found: Evidence) -> str:
    """Write how large a change is; of shares in percentage points."""
    if found.effect is None:
        return ""
    if found.effect_unit in {SHARE, _SHARE_BEFORE}:
        points = round(100 * found.effect)
        return f"{points:+d} points" if points else "0 points"
    return f"{found.effect:+.2f} {found.effect_unit}".strip()


def _decides(kind: str) -> str:
    return STATUS_WORDS.get(DECIDES.get(kind, ""), "Nothing: a warning")


def _in_words(content: ReportContent) -> list[tuple[str, str, str, str]]:
    """Return segment, feature and what was and is typical, for features that are answered in words."""
    return [
        (profile.segment, feature, profile.words_before.get(feature, ""), profile.words_after.get(feature, ""))
        for profile in content.profiles
        for feature in dict.fromkeys([*profile.words_before, *profile.words_after])
    ]


def _all_segments(content: ReportContent) -> list[str]:
    """Return the catalogue's personas, then segments of the candidate that are none."""
    others = [profile.segment for profile in content.profiles if profile.segment not in content.segments]
    return [*content.segments, *others]


def _p_value(value: float) -> str:
    return f"below {SMALLEST_P_VALUE:.4f}" if value < SMALLEST_P_VALUE else f"{value:.2g}"
