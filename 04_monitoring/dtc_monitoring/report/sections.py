"""What the alert and the report say of a run, part by part, as lines of plain words."""

from typing import Final

from dtc_model.decisions import REPLACED, TAKEN_BACK

from dtc_monitoring.columns import drawn_part
from dtc_monitoring.report.report_content import Candidate, ReportContent
from dtc_monitoring.report.wording import LISTED, listed, one_line, percent, sentence, wave_of

_ALARMS = {"drift": "this alarm", "mix_shift": "this message"}
"""What a verdict that could be wrong is called."""


def compared(content: ReportContent) -> str:
    """Say which waves were compared, and by which samples if they are large."""
    waves = (
        f"{wave_of(content.survey, content.current_wave)} ({content.words.units_counted(content.n_current)}) was compared with the reference wave "
        f"{content.reference_wave} ({content.words.units_counted(content.n_reference)})."
    )
    return f"{waves} {content.sampled}" if content.sampled else waves


def sureness(content: ReportContent) -> list[str]:
    """Say how far a verdict other than "stable" can be trusted, and whether the season may be the reason."""
    rate, season = content.false_alarm_rate, [content.season] if content.season else []
    if rate is None or content.status not in _ALARMS:
        return season
    return [
        f"If nothing had changed, at most {percent(rate)} of such checks would give {_ALARMS[content.status]} by chance.",
        *season,
    ]


def segments(content: ReportContent, most: int | None = LISTED) -> list[str]:
    """Say what became of each segment, by name, with its shares before and now; of at most so many."""
    before, after = content.reference, content.current
    if before is None or after is None:
        return []
    units = content.words.units
    worse = {found.name for found in content.flagged if found.kind == "fit" and (found.effect or 0) > 0}
    lines = [
        f"{one_line(segment)}: {percent(before.shares.get(segment, 0))} → {percent(after.shares.get(segment, 0))}"
        f" of {units}{f'; its {units} fit less well' if segment in worse else ''}"
        for segment in content.segments
    ]
    return [*listed(lines, most), *(said for said in (content.newcomers, content.moves) if said)]


def done(content: ReportContent, most: int | None = LISTED) -> list[str]:
    """Say what was trained, and which version labels now; of the reasons against it at most so many."""
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
    if new.sweep_end:
        trained += f" {sentence(new.sweep_end)}."
    if new.outcome == "promoted":
        before = f" instead of version {content.previous_version}" if content.previous_version else ""
        return [f"{trained} It is in production now{before}. All {content.words.segments} keep their ids and names."]
    objections = f" {_AGAINST}" if new.outcome == "waiting" and _failed(new) else ""
    return [f"{trained} {_WAITS[new.outcome]}. {stays}{objections}", *_reasons(content, new, most)]


_WAITS: Final = {
    "waiting": "It waits for your decision",
    "kept": "It is kept for you to look at",
    "rejected": "It stays out of production: a person rejected it while this run was at work",
    "taken_back": "It was not put into production, because a person has rolled this model back before",
    "replaced": "It was in production before, so it does not come back by itself",
}
"""What is said of a candidate that did not go into production."""
_FIRST: Final = {TAKEN_BACK: 0, REPLACED: 1, "segments": 2}
"""Findings that are told before all others, by the gate's names."""
_AGAINST: Final = "This speaks against it:"


def _failed(new: Candidate) -> list[str]:
    """Return what speaks against a candidate, first what an alert must not cut off: people's decisions, what the segments became.

    How far a persona crept is left out where it moved too far in one step: most often the two are the same.
    """
    failed = [finding for finding in new.gate if not finding.passed and finding.words]
    moved = {finding.segment for finding in failed if finding.name == "moved"}
    told = [finding for finding in failed if finding.name != "crept" or finding.segment not in moved]
    return [finding.words for finding in sorted(told, key=lambda finding: _FIRST.get(finding.name, len(_FIRST)))]


def _reasons(content: ReportContent, new: Candidate, most: int | None) -> list[str]:
    told = [new.reason] if new.outcome == "rejected" else _failed(new) or [new.reason]
    lines = [sentence(words) for words in told if words]
    lines += (
        [f"No group of {content.words.units} stands for {', '.join(map(one_line, new.missing))}."]
        if new.missing
        else []
    )
    return listed(lines, most)


def decision(content: ReportContent) -> list[str]:
    """Say what is left to people."""
    if content.candidate is not None:
        return _on_candidate(content, content.candidate)
    if content.status == "mix_shift":
        return [f"The labels need no action. Tell those who plan with the shares of the {content.words.segments}."]
    if content.status == "cannot_tell":
        more = f"Whether more {content.words.units} can be asked, or several months be counted as one wave."
        return [f"{more} This is not an all-clear."]
    return ["Nothing."]


def _on_candidate(content: ReportContent, new: Candidate) -> list[str]:
    if new.outcome == "waiting":
        question = f"Should version {new.version} replace version {content.production_version}?"
        return [
            f"{question} {'Press Approve or Reject, or run' if content.chat else 'Run'} {_command(content, 'promote')}"
        ]
    chat = ", or send /rollback" if content.chat else ""
    back = f"Otherwise run {_command(content, 'rollback')}{chat}."
    words = {
        "promoted": f"Nothing, if the {content.words.segments} in the report still look right to you. {back}",
        "unchanged": "Nothing.",
        "rejected": "Nothing: the rejection is final. Retraining makes a new version.",
        "taken_back": f"Nothing, if that still holds. Only this brings the model back: {_command(content, 'promote')}",
        "replaced": f"Whether it should come back. Only this brings it back: {_command(content, 'promote')}",
        "kept": f"Whether the {content.words.segments} still describe your {content.words.units}. Until then nothing changes.",
    }
    return [words[new.outcome]]


def _command(content: ReportContent, target: str) -> str:
    """Return the command that decides, such that it acts on this model as it is typed."""
    version = f" VERSION={content.candidate.version}" if content.candidate and target != "rollback" else ""
    return content.command(f"{target}{version} BY=… WHY=…")


def links(content: ReportContent) -> list[str]:
    """Say where to look."""
    own = [f"Report: {content.report_url}"] if content.report_url else []
    return own + ([f"{distributions(content)}: {content.evidently_url}"] if content.evidently_url else [])


def distributions(content: ReportContent) -> str:
    """Say what Evidently's report shows."""
    part = drawn_part(len(content.feature_names))
    return f"Distributions of the answers to {part}" if part else "Distributions of all answers"
