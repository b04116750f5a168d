"""What changed between two waves, in words: for the alert, and in one phrase where there is room for no more."""

from typing import Final

from dtc_monitoring.report.report_content import ReportContent
from dtc_monitoring.report.wording import LISTED, listed, one_line, sentence
from dtc_monitoring.verdict import WARNINGS, Evidence, worth_telling

LISTED_COLUMNS: Final = 12
"""Most features that one line names."""


HEADLINES: Final = {
    "drift": "Drift: {w.units} no longer fit the {w.segments} as before",
    "mix_shift": "Mix shift: {w.units} still fit the {w.segments}, but the shares of the {w.segments} changed",
    "stable": "No drift: {w.units} are as before",
    "cannot_tell": "Cannot tell: too few {w.units} to see a change",
    "only_answers": "Drift: {w.units} of the same {w.segment} differ from before",
}
"""First line of alert and report by `headline_code`, in the words of the catalogue."""


def headline_code(content: ReportContent) -> str:
    """Return which of the headlines fits a run: its status, or ``only_answers`` for drift where nobody lies further from the own segment."""
    grounds = [found for found in content.flagged if found.kind in {"features", "fit"}]
    fit_is_worse = any(found.kind == "fit" and (found.effect or 0) > 0 for found in grounds)
    return "only_answers" if content.status == "drift" and grounds and not fit_is_worse else content.status


def headline(content: ReportContent) -> str:
    """Sum a run up in one line; that respondents fit less well is only said where that is what was found."""
    return HEADLINES.get(headline_code(content), content.status).format(w=content.words)


def changes(content: ReportContent, most: int | None = LISTED) -> list[str]:
    """Say what changed, the clearest first; of single findings at most so many."""
    told = worth_telling(content.flagged) or content.flagged
    if content.too_few:
        lines = [sentence(f"We do not know: {content.too_few}")]
    else:
        lines = [] if content.flagged and content.status != "stable" else ["Nothing beyond what chance explains."]
    return [*lines, *listed([_sentence(found) for found in told], most), *_columns(content)]


def _columns(content: ReportContent) -> list[str]:
    """Name the features that differ over all respondents; without drift the mix of personas or chance is why."""
    if content.status != "drift" or not (names := content.drifted_columns):
        return []
    more = f" and {len(names) - LISTED_COLUMNS} more" if len(names) > LISTED_COLUMNS else ""
    titles = [one_line(content.titles.get(name, name)) for name in names[:LISTED_COLUMNS]]
    return [f"• Over all {content.words.segments}, other values of {', '.join(titles)}{more}"]


def _sentence(found: Evidence) -> str:
    if found.kind in WARNINGS:
        return f"Warning: {found.words}"
    return sentence(found.words) if found.words else f"{one_line(found.name)} ({found.kind})"
