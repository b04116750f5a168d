"""What becomes of a candidate once the gate has judged it: it goes into production or waits for a person."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pandas as pd
from dtc_data.core import read_settings

from dtc_model.decisions.decision_codes import (
    GATE_FAILED,
    PROMOTED,
    REJECTED,
    REPLACED,
    TAKEN_BACK,
    UNCHANGED,
    WAITS,
    only_by_command,
)
from dtc_model.decisions.decision_record import Record, Snapshot
from dtc_model.decisions.decision_table import Decision
from dtc_model.decisions.decisions import Decisions
from dtc_model.decisions.gate_candidate import judge_candidate
from dtc_model.errors import RegistryConflictError
from dtc_model.gate import Finding, GateReport
from dtc_model.registry import FITTED_ON, GATE, SWEEP_END, ModelRegistry
from dtc_model.settings import PromotionSettings

PIPELINE: Final = "pipeline"
"""Who promotes what passed the gate."""

_OF_THE_RUN: Final = (
    "sweep_run_id",
    "reference_wave",
    "current_wave",
    "training_wave",
    "verdict",
    FITTED_ON,
    SWEEP_END,
)
"""What a run says about itself, where its model is one that another run has registered."""


def decide(
    candidate: Mapping[str, Any], wave_pair: pd.DataFrame, decisions: Decisions, *, asks: str = ""
) -> dict[str, Any]:
    """Judge a candidate on the current wave, write the findings to its version, and promote it if it may be.

    It may be repeated: a version that is in production already is not judged again. A model that is the one in production
    is nothing to decide about, and one that a person rejected or rolled back from waits for a person. So does every model
    if a person changed production after the training had begun.

    Parameters
    ----------
    candidate : mapping
        What `dtc_model.registry.registry.ModelRegistry.register_candidate` gave; beside its ``version`` only run and waves are
        believed.
    wave_pair : DataFrame
        Reference and current wave, as `dtc_data.tables.wave_pair.stack_waves` gives them.
    decisions : Decisions
        Those on the catalogue's model.
    asks : str
        Why a person must decide even if the gate finds nothing against it; empty if nobody need be asked.

    Returns
    -------
    dict
        What `register_candidate` gives, with ``promoted``, ``previous_version``, ``production_version``, ``decision``
        (see `dtc_model.decisions.decision_codes`), ``gate_passed``, ``findings`` (see `dtc_model.gate.gate.Finding`), ``segments`` (sentences),
        ``profile`` (figures for pictures) and ``reason`` (in words). Plain JSON types.

    Raises
    ------
    NoProductionVersionError
        If nothing is in production that the candidate could be compared with.
    TrainingError
        If nobody of a wave answered everything, so that segments cannot be told.
    """
    version = str(candidate["version"])
    own = {name: candidate[name] for name in _OF_THE_RUN if name in candidate}
    seen = decisions.snapshot()
    known = seen.version(version)
    is_its_own = own.get("sweep_run_id") in {None, known.get("sweep_run_id")}
    run = {name: known[name] for name in _OF_THE_RUN if name in known} | own
    outcome = _decide(version, wave_pair, decisions, seen, run, is_its_own=is_its_own, asks=asks) | own
    if sweep := own.get("sweep_run_id"):
        decisions.registry.note_decision(sweep, outcome["decision"], outcome["reason"])
    return outcome


def _decide(  # noqa: PLR0913 - what is decided on, by what, and where it comes from
    version: str,
    wave_pair: pd.DataFrame,
    decisions: Decisions,
    seen: Snapshot,
    run: Mapping[str, Any],
    *,
    is_its_own: bool,
    asks: str,
) -> dict[str, Any]:
    """Decide on a version, which the run has registered itself or, its model being the same, found in the registry.

    People may decide while the gate is at work. What they did to this version holds, and what the gate found is measured
    against the version that is in production when it has ended.
    """
    registry = decisions.registry.keeping_models()
    if seen.production == version and is_its_own:
        return _outcome(decisions, version, PROMOTED, _version_before(seen.record, version))
    same = {version, *registry.versions_of_model(registry.load(version), seen.versions)}
    report, against = None, ""
    while (production := seen.production or registry.production_version()) not in {against, *same}:
        report, against = judge_candidate(version, seen, wave_pair, registry), production
        seen = decisions.snapshot()
    if report is None or production in same - {version}:
        reason = f"the model trained from this wave is the one in production (version {production}): nothing to decide"
        nothing = {"findings": [], "segments": [], "profile": {}, "promoted": False, "reason": reason}
        return _outcome(decisions, version, UNCHANGED, production) | nothing
    decision, reason = _settled(version, seen) or (None, "")
    if decision is None:
        back = seen.record.taken_back(same)
        is_back = back is not None or seen.record.was_in_production(version)
        if is_back:
            report = report.with_first(
                _taken_back(back, registry.command) if back else _replaced(version, registry.command)
            )
        decision, reason = _choose(report, _by_a_person(registry, seen.record, run), is_back=is_back, asks=asks)
    _write(registry, version, report, against, reason)
    if decision == PROMOTED and production != version:
        try:
            decisions.promote(version, PIPELINE, reason, "auto", expected_production=against)
        except RegistryConflictError as conflict:  # people decided in this moment
            decision = WAITS
            _write(registry, version, report, against, f"a person must decide: {conflict}")
    return _outcome(decisions, version, decision, against)


def _taken_back(decision: Decision, command: Callable[[str], str]) -> Finding:
    """Say that a person rejected the same model, or rolled back from it: the pipeline does not bring it back."""
    taken = decision.about_left.rstrip(". ")
    words = f"this is a model that a person took back: {taken}. Only `{command('promote')}` brings it back"
    return Finding(TAKEN_BACK, 1, 0, passed=False, words=words)


def _replaced(version: str, command: Callable[[str], str]) -> Finding:
    """Say that a version was in production before: neither the pipeline nor a button brings it back."""
    return Finding(REPLACED, 1, 0, passed=False, words=only_by_command(version, command))


def _settled(version: str, seen: Snapshot) -> tuple[str, str] | None:
    """Return what a person made of the very version before the gate had ended; None if it is still to be decided."""
    last = seen.record.last_on(version)
    if last is not None and last.action == "rejected":
        return REJECTED, str(last)
    return (PROMOTED, str(last)) if last is not None and seen.production == version else None


def _by_a_person(registry: ModelRegistry, record: Record, run: Mapping[str, Any]) -> Decision | None:
    """Return the latest decision of a person about production since the run began to train."""
    sweep = run.get("sweep_run_id")
    began = registry.training_began(sweep) if sweep else None
    approval = record.last_approval
    return approval if approval is not None and began is not None and approval.at > began else None


def _choose(report: GateReport, by_a_person: Decision | None, *, is_back: bool, asks: str) -> tuple[str, str]:
    if is_back:
        return WAITS, f"a person must decide: {report.objections}"
    if not report.passed:
        return GATE_FAILED, f"the gate stopped it, and a person must decide: {report.objections}"
    if asks:
        return WAITS, f"the gate found nothing against it; {asks}"
    if read_settings(PromotionSettings).promotion == "approve":
        return WAITS, "the gate found nothing against it; a person must decide, because PROMOTION is approve"
    if by_a_person is not None:
        words = f"the gate found nothing against it, but {by_a_person}"
        return WAITS, f"{words.rstrip('. ')}. That was after the training had begun, so a person must decide"
    return PROMOTED, "the gate found nothing against it"


def _write(registry: ModelRegistry, version: str, report: GateReport, production: str, reason: str) -> None:
    content = report.to_dict() | {"against_version": production, "reason": reason}
    registry.tag(version, GATE, json.dumps(content, ensure_ascii=False))


def _version_before(record: Record, version: str) -> str | None:
    made = [found for found in record.decisions if found.version == version and found.action != "rejected"]
    return made[-1].previous_version if made else None


def _outcome(decisions: Decisions, version: str, decision: str, previous: str | None) -> dict[str, Any]:
    own = {
        "promoted": decision == PROMOTED,
        "previous_version": previous,
        "production_version": decisions.registry.production_or_none(),
        "decision": decision,
    }
    return {"findings": [], "segments": []} | decisions.registry.version(version) | own
