"""The texts of the alerts, in plain words for people who are not statisticians.

Each text is a headline, then parts under the `HEADINGS`. They are sent without a parse mode, so that nothing in a name
can be taken for markup: what stands in a name arrives as it stands.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from dtc_data.core import Wave, WaveError

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

Command = Callable[[str], str]
"""Writes a make command for a segmentation."""
PLAIN_COMMAND: Final[Command] = "make {}".format
"""Writes one for the default segmentation."""

MESSAGE_UNITS = 4096
"""Longest message that Telegram takes, counted in UTF-16 code units to be on the safe side."""
CAPTION_UNITS = 1024
"""Longest text under a picture, likewise."""

LONGEST_REASON = 2000
"""Longest error that an alert quotes, likewise."""

HEADINGS = (
    "What changed",
    "How sure",
    "What was done",
    "What you decide",
    "Where to look",
    "What went wrong",
)
"""Lines that begin a part of an alert, besides the one on segments."""
AFFECTED = "Affected "
"""Begins the line above the segments where something changed."""
UNAFFECTED = "Shares of the "
"""Begins it where nothing did."""

_CUT = " … (cut)"
_NO_ALL_CLEAR = (
    "Nothing was trained and nothing was promoted. Whether there is drift is not known: this is not an all-clear."
)


def is_heading(line: str) -> bool:
    """Return whether a line of an alert begins a part of it."""
    return line in HEADINGS or (line.startswith((AFFECTED, UNAFFECTED)) and not line.endswith("."))


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
        f"{UNAFFECTED if content.is_quiet else AFFECTED}{content.words.segments}": segments(content),
        "What was done": done(content),
        "What you decide": decision(content),
        "Where to look": links(content),
    }
    return write_message(title or headline(content), compared(content), parts)


def check_failed_alert(
    reference_wave: str, current_wave: str, reason: str, survey: str = "", command: Command = PLAIN_COMMAND
) -> str:
    """Write the alert for a check that could not be made, which says nothing about the wave.

    Parameters
    ----------
    reference_wave, current_wave : str
        The waves that should have been compared.
    reason : str
        What went wrong, as the error says it.
    survey : str, optional
        Name of the segmentation.
    command : callable, optional
        Writes a make command for it, see `dtc_data.catalogue.Segmentation.command`.
    """
    parts = {
        "What went wrong": [_in_short(reason)],
        "What was done": [_NO_ALL_CLEAR],
        "What you decide": [f"Fix the cause, then run the check again{_by(command, reference_wave, current_wave)}."],
    }
    what = f"{wave_of(survey, current_wave)} should have been compared with the reference wave {reference_wave}."
    return write_message("The check failed: we do not know whether there is drift", what, parts)


def retraining_failed_alert(
    reference_wave: str, current_wave: str, reason: str, survey: str = "", command: Command = PLAIN_COMMAND
) -> str:
    """Write the alert for drift after which no new version was made, judged or put into production.

    Parameters as `check_failed_alert`.
    """
    versions = command("versions")
    parts = {
        "What went wrong": [_in_short(reason)],
        "What was done": [f"The retraining did not finish. `{versions}` shows which version labels now."],
        "What you decide": [f"Fix the cause, then run the pipeline again{_by(command, reference_wave, current_wave)}."],
    }
    what = f"{wave_of(survey, current_wave)} has drifted from the reference wave {reference_wave}."
    return write_message("Drift, and the retraining failed", what, parts)


def result_not_told_alert(
    reference_wave: str, current_wave: str, reason: str, survey: str = "", command: Command = PLAIN_COMMAND
) -> str:
    """Write the alert for a run that did all but say what it found.

    Parameters as `check_failed_alert`.
    """
    shown = f"`{command('history')}` shows the verdict, `{command('versions')}` which version labels now."
    parts = {
        "What went wrong": [_in_short(reason)],
        "What was done": [f"The waves were compared. {shown}"],
        "What you decide": [
            f"Fix the cause, then run the pipeline again{_by(command, reference_wave, current_wave)} to get the result."
        ],
    }
    what = f"{wave_of(survey, current_wave)} was compared with the reference wave {reference_wave}."
    return write_message("The check was made, but its result was not sent", what, parts)


def checks_not_started_alert(current_wave: str, reason: str) -> str:
    """Write the alert for monthly checks that did not all start.

    Parameters
    ----------
    current_wave : str
        The wave that should have been checked.
    reason : str
        What went wrong, by segmentation where that is known.
    """
    parts = {
        "What went wrong": [_in_short(reason)],
        "What was done": [
            "Those that could be started are running. For the others this is not an all-clear: they were not checked."
        ],
        "What you decide": [
            f"Fix the cause, then start the check of each with make pipeline SEGMENTATION=its_name CURRENT={current_wave}."
        ],
        "Where to look": ["`make segmentations` lists them all, with the last verdict of each."],
    }
    first = f"Wave {current_wave} should have been checked for every active segmentation."
    return write_message("The monthly checks did not all start", first, parts)


def _by(command: Command, reference_wave: str, current_wave: str) -> str:
    """Name the command that runs the pipeline on two waves; nothing where they could not be read."""
    try:
        waves = f"REFERENCE={Wave.parse(reference_wave)} CURRENT={Wave.parse(current_wave)}"
    except WaveError:
        return ""
    return f" with {command(f'pipeline {waves}')}"


def _in_short(reason: str) -> str:
    """Cut an error that is so long that what follows it would not fit."""
    return shorten_message(reason.strip(), LONGEST_REASON) or "The run ended with an error without a message."


def caption(text: str) -> str:
    """Return what stands under the picture when the text is sent as a message of its own: its first two paragraphs."""
    return shorten_message("\n\n".join(text.split("\n\n")[:2]), CAPTION_UNITS)


def has_room_for(text: str, units: int) -> bool:
    """Tell whether a text has at most so many UTF-16 code units."""
    return len(text.encode("utf-16-le")) <= 2 * units


def shorten_message(text: str, units: int = MESSAGE_UNITS) -> str:
    """Cut a text that is too long for Telegram at the end of a line or word, and say that it was cut."""
    if has_room_for(text, units):
        return text
    kept = text.encode("utf-16-le")[: 2 * (units - len(_CUT))].decode("utf-16-le", errors="ignore")
    end_of_word = max(kept.rfind("\n"), kept.rfind(" "))
    return (kept[:end_of_word] if end_of_word > len(kept) // 2 else kept).rstrip() + _CUT


def write_message(headline: str, first: str, parts: Mapping[str, Sequence[str]]) -> str:
    """Return a message of a headline, a first line and the parts that say something, by their headings."""
    texts = [f"{heading}\n" + "\n".join(lines) for heading, lines in parts.items() if lines]
    return shorten_message("\n\n".join([one_line(headline, 200), first, *texts]))
