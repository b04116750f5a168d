"""What the alert and the report say of a run, part by part, as lines of plain words."""

import shlex
from collections.abc import Iterable
from typing import Final

from dtc_monitoring.report_content import Candidate, Finding, ReportContent

LISTED: Final = 6
"""Most changes or personas that an alert lists; the report has all."""
LISTED_COLUMNS: Final = 12
"""Most features that one line names."""
LONGEST_NAME: Final = 60
"""Most characters of a name in an alert, so that a few long names do not push the decision out of the message."""

_BEYOND = "beyond the "
"""How the findings about respondents far from every persona begin; one is made for each of several percentiles."""
_ALARMS = {"drift": "this alarm", "mix_shift": "this message"}
"""What a verdict that could be wrong is called."""


def compared(content: ReportContent) -> str:
    """Say which waves were compared."""
    return (
        f"Wave {content.current_wave} ({_people(content.n_current)}) was compared with the reference wave "
        f"{content.reference_wave} ({_people(content.n_reference)})."
    )


def percent(share: float) -> str:
    """Write a share, with two digits where it is small."""
    return f"{100 * share:.2g}%" if share < 0.1 else f"{share:.0%}"  # noqa: PLR2004 - two digits either way


def sentence(words: str) -> str:
    """Begin with a capital letter, unless it is the name of a feature or persona that stands first."""
    first = words.split(" ", 1)[0]
    return words if len(first) == 1 or not first.isalpha() else words[:1].upper() + words[1:]


def _people(count: int) -> str:
    return f"{count:,} respondent" + ("" if count == 1 else "s")


def changes(content: ReportContent) -> list[str]:
    """Say what changed, the clearest first."""
    told = _worth_telling(content) or content.flagged
    lines = [] if content.flagged and content.status != "stable" else ["Nothing that would be more than chance."]
    return [*lines, *_listed((_finding(found) for found in told), len(told)), *_columns(content)]


def _columns(content: ReportContent) -> list[str]:
    """Name the features that differ over all respondents; without drift the mix of personas or chance is why."""
    if content.status != "drift" or not (names := content.drifted_columns):
        return []
    more = f" and {len(names) - LISTED_COLUMNS} more" if len(names) > LISTED_COLUMNS else ""
    return [f"• Over all personas, other answers to {', '.join(map(one_line, names[:LISTED_COLUMNS]))}{more}"]


def _worth_telling(content: ReportContent) -> list[Finding]:
    """Leave out what others say better: all features together, a persona's fit (told below), all but one percentile."""
    kept: list[Finding] = []
    for found in content.flagged:
        repeats = found.name.startswith(_BEYOND) and any(other.name.startswith(_BEYOND) for other in kept)
        told_below = found.kind == "fit" and found.name in content.personas
        if not (repeats or told_below or found.name.startswith("all features")):
            kept.append(found)
    return kept


def _finding(found: Finding) -> str:
    if found.kind == "missing":
        return f"Warning: {found.words}"
    return sentence(found.words) if found.words else f"{one_line(found.name)} ({found.kind})"


def sureness(content: ReportContent) -> list[str]:
    """Say how far a verdict other than "stable" can be trusted."""
    rate = content.false_alarm_rate
    if rate is None or content.status not in _ALARMS:
        return []
    return [
        f"If nothing had changed, at most {percent(rate)} of such checks would give {_ALARMS[content.status]} by chance."
    ]


def personas(content: ReportContent) -> list[str]:
    """Say whom it concerns: each persona by name, with its shares before and now."""
    before, after = content.reference, content.current
    if before is None or after is None:
        return []
    worse = {found.name for found in content.flagged if found.kind == "fit" and (found.effect or 0) > 0}
    lines = [
        f"{one_line(persona)}: {percent(before.shares.get(persona, 0))} → {percent(after.shares.get(persona, 0))}"
        f" of respondents{'; its respondents fit less well' if persona in worse else ''}"
        for persona in content.personas
    ]
    return _listed(lines, len(lines))


def done(content: ReportContent) -> list[str]:
    """Say what was trained, and which version labels now."""
    new, now = content.candidate, content.production_version
    stays = f"Version {now} stays in production." if now else "No version is known to be in production."
    if new is None:
        return [f"Nothing was trained. {stays}"]
    if new.outcome == "unchanged":
        same = f"The model trained from wave {new.trained_on} is the one in production (version {new.version})"
        return [f"{same}: nothing was registered, and nothing changes."]
    trained = f"A new model was trained on wave {new.trained_on}: version {new.version} of {content.model_name}."
    if new.fitted_on:
        trained += f" It was {new.fitted_on}."
    if new.outcome == "promoted":
        before = f" instead of version {content.previous_version}" if content.previous_version else ""
        return [f"{trained} It is in production now{before}. All personas keep their ids and names."]
    return [f"{trained} {_WAITS[new.outcome]}. {stays}", *_reasons(new)]


_WAITS: Final = {
    "waiting": "It waits for your decision",
    "kept": "It is kept for you to look at",
    "taken_back": "It was not put into production, because a person took this model back before",
}
"""What is said of a candidate that did not go into production."""


def _reasons(new: Candidate) -> list[str]:
    failed = [finding.words for finding in new.gate if not finding.passed and finding.words]
    lines = [sentence(words) for words in failed or [new.reason] if words]
    lines += [f"No group of respondents stands for {', '.join(map(one_line, new.missing))}."] if new.missing else []
    return _listed(lines, len(lines))


def decision(content: ReportContent) -> list[str]:
    """Say what is left to people."""
    if content.candidate is not None:
        return _on_candidate(content, content.candidate)
    if content.status == "mix_shift":
        return ["Nothing must be done for the labels. Tell those who plan with the personas' shares."]
    return ["Nothing."]


def _on_candidate(content: ReportContent, new: Candidate) -> list[str]:
    if new.outcome == "waiting":
        return _question(content, new)
    take_back = f"run {_command(content, 'rollback')}" if content.other_catalogue else "send /rollback."
    words = {
        "promoted": f"Nothing, if the personas in the report still look right to you. Otherwise {take_back}",
        "unchanged": "Nothing.",
        "taken_back": f"Nothing, if that still holds. Only this brings the model back: {_command(content, 'promote')}",
        "kept": "Whether the personas still describe your customers. Until then nothing changes.",
    }
    return [words[new.outcome]]


def _question(content: ReportContent, new: Candidate) -> list[str]:
    question = f"Shall version {new.version} replace version {content.production_version}?"
    promote = f"run {_command(content, 'promote')}"
    if content.other_catalogue:  # the bot answers for another model
        return [f"{question} To approve it, {promote}", f"To reject it, run {_command(content, 'reject')}"]
    return [f"{question} Press Approve or Reject, or {promote}"]


def _command(content: ReportContent, target: str) -> str:
    """Give the command that decides, such that it acts on this model as it is typed."""
    catalogue = f"PERSONA_CATALOGUE={shlex.quote(content.other_catalogue)} " if content.other_catalogue else ""
    version = f" VERSION={content.candidate.version}" if content.candidate and target != "rollback" else ""
    return f"{catalogue}make {target}{version} BY=… WHY=…"


def links(content: ReportContent) -> list[str]:
    """Say where to look."""
    own = [f"Report: {content.report_url}"] if content.report_url else []
    return own + ([f"Distributions of all answers: {content.evidently_url}"] if content.evidently_url else [])


def _listed(lines: Iterable[str], count: int) -> list[str]:
    shown = [f"• {line}" for line, _ in zip(lines, range(LISTED), strict=False)]
    return shown + ([f"• and {count - LISTED} more, see the report"] if count > LISTED else [])


def one_line(text: str, longest: int = LONGEST_NAME) -> str:
    """Keep a name on one line and short enough."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
