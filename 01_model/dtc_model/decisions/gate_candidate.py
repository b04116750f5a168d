"""The gate at work on a registered candidate: the models from the registry, the waves, and the limits of the settings."""

from contextlib import suppress

import numpy as np
import pandas as pd
from dtc_data.catalogue import answer_matrix
from dtc_data.core import read_settings
from dtc_data.tables import CURRENT, REFERENCE, wave_called

from dtc_model.decisions.decision_record import Snapshot
from dtc_model.discovery import find_segment_changes
from dtc_model.errors import ModelBrokenError, TrainingError
from dtc_model.gate import GateReport, compare_models, judge
from dtc_model.registry import ModelRegistry
from dtc_model.rule import FloatArray, SegmentModel
from dtc_model.settings import GateSettings, TrainingSettings


def judge_candidate(version: str, seen: Snapshot, wave_pair: pd.DataFrame, registry: ModelRegistry) -> GateReport:
    """Score a version against the one in production on the current wave; nothing is written.

    Parameters
    ----------
    version : str
        The candidate.
    seen : Snapshot
        Says which version is in production, with which the candidate is compared, and which one a person last approved.
    wave_pair : DataFrame
        Reference and current wave, as `dtc_data.tables.wave_pair.stack_waves` gives them.
    registry : ModelRegistry
        Of the catalogue's model.

    Raises
    ------
    NoProductionVersionError
        If nothing is in production that the candidate could be compared with.
    TrainingError
        If nobody of a wave answered everything.
    """
    catalogue, production = registry.catalogue, seen.production or registry.production_version()
    limits, training = read_settings(GateSettings), read_settings(TrainingSettings)
    waves = {name: answer_matrix(wave_called(wave_pair, name), catalogue.features) for name in (REFERENCE, CURRENT)}
    complete = {name: _complete(answers, name) for name, answers in waves.items()}
    candidate_model, production_model = registry.load(version), registry.load(production)
    approved_version, approved_model = _approved(seen, registry)
    comparison = compare_models(
        candidate_model,
        production_model,
        approved_model,
        waves[REFERENCE],
        waves[CURRENT],
        minimum_answered=catalogue.minimum_answered,
        n_bootstraps=training.bootstraps,
        seed=training.seed,
    )
    segment_changes = find_segment_changes(
        production_model,
        complete[REFERENCE],
        complete[CURRENT],
        spread=comparison.spread,
        smallest_share=limits.smallest_share,
        stability=limits.stability,
        n_bootstraps=training.bootstraps,
        words=catalogue.words,
    )
    found = seen.version(version)
    return judge(
        candidate_model,
        production_model,
        comparison,
        segment_changes,
        limits,
        best_k=found.get("best_k", found["k"]),
        approved_version=approved_version,
        words=catalogue.words,
    )


def _approved(seen: Snapshot, registry: ModelRegistry) -> tuple[str | None, SegmentModel]:
    """Return the version that a person last put into production, and its personas.

    None, and the catalogue's personas, if nobody has put one there, or its model is lost.
    """
    approval = seen.record.last_approval
    if approval is not None:
        with suppress(ModelBrokenError):
            return approval.version, registry.load(approval.version)
    return None, SegmentModel.from_catalogue(registry.catalogue)


def _complete(answers: FloatArray, wave: str) -> FloatArray:
    complete: FloatArray = answers[~np.isnan(answers).any(axis=1)]
    if not len(complete):
        raise TrainingError(
            f"nobody in the {wave} wave answered every question, so its segments cannot be told: take another {wave} wave"
        )
    return complete
