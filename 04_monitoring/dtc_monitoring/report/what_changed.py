"""What changed between two waves, in words: for the alert, and in one phrase where there is room for no more."""

from dataclasses import asdict
from typing import Final

from dtc_monitoring.report.report_content import Finding, ReportContent
from dtc_monitoring.report.wording import listed, one_line, sentence

LISTED_COLUMNS: Final = 12
"""Most features that one line names."""

_BEYOND = "beyond the "
"""How the findings about respondents far from every persona begin; one is made for each of several percentiles."""


HEADLINES: Final = {
    "drift": "Drift: {units} no longer fit the {segments} as before",
    "mix_shift": "Mix shift: {units} still fit the {segments}, but other numbers belong to each",
    "stable": "No drift: {units} are as before",
}
"""First line of alert and report by the verdict, in the words of the catalogue."""
ONLY_ANSWERS: Final = "Drift: {units} of the same {segment} differ from before"
"""First line where none lies further from the segments than before."""


def headline(content: ReportContent) -> str:
    """Sum a run up in one line; that respondents fit less well is only said where that is what was found."""
    grounds = [found for found in content.flagged if found.kind in {"features", "fit"}]
    fit_is_worse = any(found.kind == "fit" and (found.effect or 0) > 0 for found in grounds)
    if content.status == "drift" and grounds and not fit_is_worse:
        return _in_words_of(content, ONLY_ANSWERS)
    return _in_words_of(content, HEADLINES.get(content.status, content.status))


def _in_words_of(content: ReportContent, line: str) -> str:
    return line.format(**asdict(content.words))


def changes(content: ReportContent) -> list[str]:
    """Say what changed, the clearest first."""
    told = _worth_telling(content) or content.flagged
    lines = [] if content.flagged and content.status != "stable" else ["Nothing that would be more than chance."]
    return [*lines, *listed([_finding(found) for found in told]), *_columns(content)]


def reason(content: ReportContent) -> str:
    """Give the clearest of the findings that a verdict rests on, as a phrase."""
    grounds = [found for found in (_worth_telling(content) or content.flagged) if found.kind != "missing"]
    if content.status == "stable" or not grounds:
        return "nothing that would be more than chance" if content.status == "stable" else "no evidence was kept"
    found = min(grounds, key=lambda found: found.name.startswith(_BEYOND))  # a percentile takes long to read
    return _finding(found).rstrip(".")


def _columns(content: ReportContent) -> list[str]:
    """Name the features that differ over all respondents; without drift the mix of personas or chance is why."""
    if content.status != "drift" or not (names := content.drifted_columns):
        return []
    more = f" and {len(names) - LISTED_COLUMNS} more" if len(names) > LISTED_COLUMNS else ""
    return [
        f"• Over all {content.words.segments}, other values of {', '.join(map(one_line, names[:LISTED_COLUMNS]))}{more}"
    ]


def _worth_telling(content: ReportContent) -> list[Finding]:
    """Leave out what others say better: all features or shares together, a persona's fit (told below), all but one percentile."""
    has_single_shares = any(found.kind == "mix" and found.name in content.segments for found in content.flagged)
    kept: list[Finding] = []
    for found in content.flagged:
        repeats = found.name.startswith(_BEYOND) and any(other.name.startswith(_BEYOND) for other in kept)
        told_below = found.kind == "fit" and found.name in content.segments
        together = found.name.startswith("all features") or (
            has_single_shares and found.kind == "mix" and found.name not in content.segments
        )
        if not (repeats or told_below or together):
            kept.append(found)
    return kept


def _finding(found: Finding) -> str:
    if found.kind == "missing":
        return f"Warning: {found.words}"
    return sentence(found.words) if found.words else f"{one_line(found.name)} ({found.kind})"
