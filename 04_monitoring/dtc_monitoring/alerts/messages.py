"""The texts of the alerts, in plain words for people who are no statisticians.

Each text is a headline, then parts under the `HEADINGS`. They are sent without a parse mode, so that nothing in a name
can be taken for markup: what stands in a name arrives as it stands.
"""

from dtc_data.catalogue import PLAIN_WORDS, Words

from dtc_monitoring.report import (
    ReportContent,
    changes,
    compared,
    decision,
    done,
    headline,
    links,
    one_line,
    segments,
    sureness,
    wave_of,
)

MESSAGE_UNITS = 4096
"""Longest message that Telegram takes, counted in UTF-16 code units to be on the safe side."""
CAPTION_UNITS = 1024
"""Longest text under a picture, likewise."""

LONGEST_REASON = 2000
"""Longest error that an alert quotes, likewise."""

HEADINGS = (
    "What changed",
    "How sure",
    "Whom it concerns",
    "What was done",
    "What you decide",
    "Where to look",
    "What went wrong",
)
"""Lines that begin a part of an alert."""

_CUT = " … (cut)"
_NO_ALL_CLEAR = (
    "Nothing was trained and nothing was promoted. Whether {units} drifted is not known: this is no all-clear."
)


def run_alert(content: ReportContent, title: str | None = None) -> str:
    """Write what a run found, what was done about it and what people decide.

    Parameters
    ----------
    content : ReportContent
        What there is to tell.
    title : str, optional
        First line instead of `dtc_monitoring.report.what_changed.headline` (settings MESSAGE_DRIFT and MESSAGE_NODRIFT).
    """
    parts = {
        "What changed": changes(content),
        "How sure": sureness(content),
        "Whom it concerns": segments(content),
        "What was done": done(content),
        "What you decide": decision(content),
        "Where to look": links(content),
    }
    return _message(title or headline(content), compared(content), parts)


def check_failed_alert(
    reference_wave: str, current_wave: str, reason: str, survey: str = "", words: Words = PLAIN_WORDS
) -> str:
    """Write the alert for a check that could not be made, which says nothing about the units.

    Parameters
    ----------
    reference_wave, current_wave : str
        The waves that should have been compared.
    reason : str
        What went wrong, as the error says it.
    survey : str, optional
        Name of the catalogue.
    words : Words
        What it calls units and segments.
    """
    parts = {
        "What went wrong": [_in_short(reason)],
        "What was done": [_NO_ALL_CLEAR.format(units=words.units)],
        "What you decide": ["Have the cause mended, then run the check again."],
    }
    what = f"{wave_of(survey, current_wave)} should have been compared with the reference wave {reference_wave}."
    return _message(f"The check failed: we do not know whether {words.units} drifted", what, parts)


def retraining_failed_alert(
    reference_wave: str, current_wave: str, reason: str, survey: str = "", words: Words = PLAIN_WORDS
) -> str:
    """Write the alert for drift after which no new version was made, judged or put into production.

    Parameters as `check_failed_alert`.
    """
    parts = {
        "What went wrong": [_in_short(reason)],
        "What was done": ["The retraining did not come to its end. `make versions` shows which version labels now."],
        "What you decide": ["Have the cause mended, then run the pipeline on these waves again."],
    }
    fit = f"{words.units} no longer fit the {words.segments} as those of wave {reference_wave} did"
    what = f"{wave_of(survey, current_wave)}: {fit}."
    return _message("Drift, and the retraining failed", what, parts)


def _in_short(reason: str) -> str:
    """Cut an error that is so long that what follows it would not fit."""
    return fit_message(reason.strip(), LONGEST_REASON) or "The run ended with an error that says nothing."


def caption(text: str) -> str:
    """Give what stands under the picture when the text is sent as a message of its own: its first two paragraphs."""
    return fit_message("\n\n".join(text.split("\n\n")[:2]), CAPTION_UNITS)


def fits(text: str, units: int) -> bool:
    """Tell whether a text has at most so many UTF-16 code units."""
    return len(text.encode("utf-16-le")) <= 2 * units


def fit_message(text: str, units: int = MESSAGE_UNITS) -> str:
    """Cut a text that is too long for Telegram at the end of a line or word, and say that it was cut."""
    if fits(text, units):
        return text
    kept = text.encode("utf-16-le")[: 2 * (units - len(_CUT))].decode("utf-16-le", errors="ignore")
    end_of_word = max(kept.rfind("\n"), kept.rfind(" "))
    return (kept[:end_of_word] if end_of_word > len(kept) // 2 else kept).rstrip() + _CUT


def _message(headline: str, first: str, parts: dict[str, list[str]]) -> str:
    texts = [f"{heading}\n" + "\n".join(lines) for heading, lines in parts.items() if lines]
    return fit_message("\n\n".join([one_line(headline, 200), first, *texts]))
