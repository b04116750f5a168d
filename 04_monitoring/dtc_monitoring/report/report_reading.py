"""From what the steps of a run gave to what is told about it.

Alerts and reports must come out of runs whose steps left something out, and of checks that older versions stored, so
nothing but the waves and the status is required.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dtc_data.catalogue import Words
from dtc_model.decisions import REJECTED, REPLACED, TAKEN_BACK, UNCHANGED

from dtc_monitoring.report.report_content import (
    BEFORE_WORDS,
    Candidate,
    Finding,
    Outcome,
    Profile,
    Relabelling,
    ReportContent,
    SegmentMove,
    WaveFigures,
)
from dtc_monitoring.verdict import AnswerShares, Evidence

Document = Mapping[str, Any]

_FIGURES = ("silhouette", "silhouette_inertia_ratio", "stability")


def read_content(  # noqa: PLR0913 - what several steps gave; most by keyword
    check: Document,
    promotion: Document | None = None,
    *,
    segments: Sequence[str],
    earlier: Iterable[Document] = (),
    production_version: str | None = None,
    feature_names: Sequence[str] = (),
    profiles: Sequence[Profile] = (),
    survey: str = "",
    words: Words = BEFORE_WORDS,
    colours: Sequence[str] = (),
    questions: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> ReportContent:
    """Bring together what there is to tell about a run.

    Parameters
    ----------
    check : mapping
        The drift check, see `dtc_monitoring.checks.drift_check.DriftCheck.to_dict`.
    promotion : mapping, optional
        What became of the new model, if one was trained.
    segments : sequence of str
        Names in the catalogue's order.
    earlier : iterable of mapping
        Checks made before, in any order; the latest of each wave counts.
    production_version : str, optional
        The version that labels now, where the promotion does not name it.
    feature_names, profiles : sequence
        Centroids of production and candidate, if they could be read.
    survey : str
        Name of the catalogue.
    words : Words
        What units and segments are called.
    colours : sequence of str
        Of the segments, in the catalogue's order.
    questions : mapping, optional
        By feature the text of its question.
    titles : mapping, optional
        By feature what people call it.
    """
    outcome = promotion or {}
    return ReportContent(
        model_name=str(check.get("model_name", "")),
        reference_wave=str(check["reference_wave"]),
        current_wave=str(check["current_wave"]),
        checked_at=str(check.get("checked_at", "")),
        status=str(check["status"]),
        n_reference=int(check.get("wave_reference") or check.get("n_reference", 0)),
        n_current=int(check.get("wave_current") or check.get("n_current", 0)),
        segments=tuple(segments),
        evidence=tuple(_evidence(check)),
        questions=dict(questions or {}),
        titles=dict(titles or {}),
        answers=_answers(check),
        drifted_columns=tuple(str(name) for name in check.get("drifted_columns", ())),
        false_alarm_rate=(check.get("false_alarm_rate") or {}).get(str(check["status"])),
        too_few=str(check.get("too_few") or ""),
        sampled=str(check.get("sampled") or ""),
        waves=waves_so_far(check, earlier),
        candidate=_candidate(outcome) if promotion else None,
        production_version=_text(outcome.get("production_version")) or production_version,
        previous_version=_text(outcome.get("previous_version")),
        feature_names=tuple(feature_names),
        profiles=tuple(profiles),
        evidently_url=str(check.get("report_url", "")),
        survey=survey,
        words=words,
        colours=tuple(colours),
        season=str((check.get("season") or {}).get("words", "")),
        moves=str((check.get("moves") or {}).get("words", "")),
        newcomers=str((check.get("newcomers") or {}).get("words", "")),
    )


def _answers(check: Document) -> tuple[AnswerShares, ...]:
    found = map(AnswerShares.from_dict, check.get("answers") or ())
    return tuple(sorted(found, key=lambda one: -one.change))


def waves_so_far(check: Document, earlier: Iterable[Document]) -> tuple[WaveFigures, ...]:
    """Return each wave as its latest check saw it, by date; the reference wave as this check saw it comes first."""
    reference = str(check["reference_wave"])
    latest: dict[str, Document] = {}
    for found in sorted([*earlier, check], key=lambda found: str(found.get("checked_at", ""))):
        latest[str(found["current_wave"])] = found
    latest[str(check["current_wave"])] = check
    latest.pop(reference, None)
    first = WaveFigures(reference, "reference", _shares(check, "before"), check.get("mean_fit_before"))
    later = (
        WaveFigures(
            wave,
            str(found["status"]),
            _shares(found, "after"),
            found.get("mean_fit_after"),
            bool(found.get("withdrawn")),
        )
        for wave, found in sorted(latest.items())
    )
    return (first, *later)


def _shares(check: Document, when: str) -> dict[str, float]:
    return {str(_segment_in(share)): float(share[when]) for share in check.get("shares", ())}


def _evidence(check: Document) -> Iterable[Evidence]:
    yield from map(Evidence.from_dict, check.get("evidence", ()))
    for column in () if check.get("evidence") else check.get("columns", ()):  # a check of before there was evidence
        changed = bool(column["drifted"])
        words = f"The answers to {column['name']} {'changed' if changed else 'are as before'}"
        figures = {"statistic": column["statistic"], "p_value": column["p_value"]}
        yield Evidence("features", column["name"], words, flagged=changed, **figures)


def _candidate(promotion: Document) -> Candidate:
    return Candidate(
        version=str(promotion["version"]),
        outcome=_outcome(promotion),
        reason=str(promotion.get("reason", "")),
        trained_on=str(promotion.get("training_wave", "")),
        k=int(promotion.get("k", 0)),
        figures={name: float(promotion[name]) for name in _FIGURES if promotion.get(name) is not None},
        moves=tuple(_moves(promotion)),
        missing=tuple(promotion.get("missing", ())),
        gate=tuple(_gate(promotion.get("findings", ()))),
        relabelling=_relabelling(promotion.get("profile", {}).get("transitions")),
        fitted_on=str(promotion.get("fitted_on", "")),
        sweep_end=str(promotion.get("sweep_end", "")),
        segment_changes=tuple(str(words) for words in promotion.get("segments", ())),
    )


def _outcome(promotion: Document) -> Outcome:
    if promotion.get("promoted"):
        return "promoted"
    if promotion.get("decision") == UNCHANGED:
        return "unchanged"
    if promotion.get("decision") == REJECTED:
        return "rejected"
    findings = {found.get("name") for found in promotion.get("findings", ())}
    if TAKEN_BACK in findings:
        return "taken_back"
    if REPLACED in findings:
        return "replaced"
    return "waiting" if promotion.get("promotable") else "kept"


def _moves(promotion: Document) -> Iterable[SegmentMove]:
    """Put the matching beside what the gate measured."""
    figures = {found.get("name"): found for found in promotion.get("profile", {}).get("personas", ())}
    for match in promotion.get("matching", ()):
        found = figures.get(_segment_in(match), {})
        yield SegmentMove(
            segment=_segment_in(match),
            moved=match.get("moved"),
            moved_spreads=found.get("moved"),
            share_before=found.get("share_before"),
            share_after=found.get("share"),
            stability=found.get("stability"),
        )


def _relabelling(found: Document | None) -> Relabelling | None:
    if not found:
        return None
    counts = tuple(tuple(int(count) for count in row) for row in found["counts"])
    return Relabelling(tuple(found["from"]), tuple(found["to"]), counts)


def _gate(findings: Iterable[Document]) -> Iterable[Finding]:
    for found in findings:
        yield Finding(
            words=str(found.get("words", "")),
            passed=bool(found.get("passed", True)),
            name=str(found.get("name", "")),
            value=found.get("value"),
            limit=found.get("limit"),
            segment=_segment_in(found),
        )


def _segment_in(entry: Document) -> str:
    """Return the name of an entry's segment; runs before November 2026 stored it as ``persona``."""
    return str(entry.get("segment") or entry.get("persona") or "")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
