"""Training with its record: one MLflow run per sweep, and a nested run per k."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import structlog
from dtc_data.catalogue import MIXTURE, Catalogue
from dtc_data.core import Wave, read_settings

from dtc_model.discovery import (
    OwnMethod,
    Sweep,
    SweepEntry,
    TrainingAnswers,
    match_entry,
    refit_mixture,
    run_sweep,
    sweep_by,
)
from dtc_model.errors import NoProductionVersionError
from dtc_model.registry import (
    PIPELINE_RUN,
    RegistryReader,
    connect,
    replace_runs_of,
    run_of,
    tracking_errors,
    training_experiment,
)
from dtc_model.rule import IntArray, SegmentModel
from dtc_model.settings import TrainingSettings
from dtc_model.training.sweep_log import SweepLog

METHOD: Final = "method"
"""Tag of a sweep's run with the name of somebody's own method."""


def train_models(  # noqa: PLR0913 - two inputs; the rest are options by keyword
    frame: pd.DataFrame,
    catalogue: Catalogue,
    *,
    wave: Wave | str,
    tracking_uri: str,
    pipeline_run_id: str | None = None,
    wave_units: int | None = None,
    settings: TrainingSettings | None = None,
    held: Mapping[str, int] | None = None,
    method: OwnMethod | None = None,
    report_progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Make a sweep on one wave and log all of it; where the rule is a mixture, fit the one in production to the wave instead.

    Parameters
    ----------
    frame : DataFrame
        The respondents of the wave; the catalogue's features are taken from it. All count alike.
    catalogue : Catalogue
        Its registered model gives the experiment its name.
    wave : Wave or str
        The wave that the respondents are of.
    tracking_uri : str
        Address of the MLflow server.
    pipeline_run_id : str, optional
        The pipeline run that trains; a sweep that an earlier execution of it left counts no more.
    wave_units : int, optional
        Everybody in the wave, where the frame holds a sample of them.
    settings : TrainingSettings, optional
        Read from the environment if not given.
    held : mapping of unit ids to segment ids, optional
        Units that a person has moved: a mixture is fitted with them where they were put.
    method : callable, optional
        Somebody's own, in the place of KMeans for each k or of the refit; what it finds is the candidate (see
        `dtc_model.discovery.own_method.sweep_by`).
    report_progress : callable, optional
        Called with a line of text per k; a log line is written otherwise.

    Returns
    -------
    dict
        ``parent_run_id``; ``best_k`` and ``best_run_id`` by the ratio; ``candidate_k`` and ``candidate_run_id``, by the
        number of personas or TRAIN_K; ``wave``, ``experiment_id``; ``n_units``, ``n_fitted`` and ``n_complete``, and
        ``fitted_on``, which says the same in words if answers are missing or the wave was sampled; ``sweep_end``, which says how far the sweep
        went if not all the way; and ``entries`` with ``k``, ``run_id`` and the figures of each k. Plain JSON types.

    Raises
    ------
    AnswersError, TrainingError
        If the answers cannot be trained on, or too few respondents answered everything.
    ModelUnavailableError, TrackingError
        If MLflow cannot be reached, or breaks off; the run is then marked as failed.
    """
    chosen = settings or read_settings(TrainingSettings)
    answers = TrainingAnswers.take(frame, catalogue, chosen.complete_share, wave_units)
    report = report_progress or structlog.get_logger(__name__).info
    client = connect(tracking_uri)
    production = _production(tracking_uri, catalogue)
    labels = production.label(answers.values, answers.minimum_answered)
    with tracking_errors(f"training on wave {wave}"):
        experiment_id = training_experiment(client, catalogue)
        tags = {"wave": str(wave), "catalogue": catalogue.name} | ({METHOD: called(method)} if method else {})
        if pipeline_run_id:
            replace_runs_of(client, experiment_id, pipeline_run_id)
            tags[PIPELINE_RUN] = pipeline_run_id
        with run_of(client, experiment_id, f"sweep {wave}", tags) as parent_id:
            log = SweepLog(client, experiment_id, parent_id, catalogue, str(wave), chosen)
            log.describe(parent_id, answers, {"k_min": chosen.k_min, "k_max": chosen.k_max, **answers.counts})
            sweep = _search(answers, catalogue, production, chosen, SearchOptions(method, held or {}, report))
            only = sweep.entries[0].k if len(sweep.entries) == 1 else None  # a method's own number, or production's
            candidate_k = only or chosen.k or len(catalogue.segments)
            metrics = {
                entry.k: entry.metrics | {"changed_share": _changed_share(entry, catalogue, answers, labels)}
                for entry in sweep.entries
            }
            run_ids = {entry.k: log.nested_run(entry, metrics[entry.k], answers) for entry in sweep.entries}
            log.candidate(sweep, sweep.entry(candidate_k), metrics[candidate_k], answers)
            if sweep.words:
                report(sweep.words)
    return {
        "parent_run_id": parent_id,
        "best_run_id": run_ids[sweep.best.k],
        "best_k": sweep.best.k,
        "candidate_run_id": run_ids[candidate_k],
        "candidate_k": candidate_k,
        "wave": str(wave),
        **answers.counts,
        "fitted_on": answers.words,
        "sweep_end": sweep.words,
        "experiment_id": experiment_id,
        "entries": [{"k": entry.k, "run_id": run_ids[entry.k], **metrics[entry.k]} for entry in sweep.entries],
    }


def called(method: OwnMethod) -> str:
    """Return what a method is called: the name of its function."""
    return getattr(method, "__name__", type(method).__name__)


@dataclass(frozen=True, eq=False)
class SearchOptions:
    """How a wave is searched."""

    method: OwnMethod | None
    held: Mapping[str, int]
    report: Callable[[str], None]


def _search(
    answers: TrainingAnswers,
    catalogue: Catalogue,
    production: SegmentModel,
    chosen: TrainingSettings,
    options: SearchOptions,
) -> Sweep:
    """Return what somebody's own method finds, a mixture fitted to the wave, or KMeans for each k."""
    if options.method is not None:
        sweep = sweep_by(options.method, answers.values, catalogue, seed=chosen.seed, n_bootstraps=chosen.bootstraps)
        options.report(_progress_line(sweep.entries[0]))
        return sweep
    if catalogue.rule == MIXTURE:
        return refit_mixture(
            answers.values,
            catalogue,
            production,
            units=answers.ids,
            held=options.held,
            seed=chosen.seed,
            n_bootstraps=chosen.bootstraps,
        )
    return run_sweep(
        answers.values,
        catalogue,
        ks=range(chosen.k_min, chosen.k_max + 1),
        candidate_k=chosen.k or len(catalogue.segments),
        seed=chosen.seed,
        n_init=chosen.n_init,
        n_bootstraps=chosen.bootstraps,
        report_progress=lambda entry: options.report(_progress_line(entry)),
    )


def _production(tracking_uri: str, catalogue: Catalogue) -> SegmentModel:
    """Return the model in production, or the catalogue's own while there is none."""
    with RegistryReader(tracking_uri, catalogue.registered_model) as reader:
        try:
            return reader.fetch(reader.production_version()).model
        except NoProductionVersionError:
            return SegmentModel.from_catalogue(catalogue)


def _changed_share(entry: SweepEntry, catalogue: Catalogue, answers: TrainingAnswers, labels: IntArray) -> float:
    """Return the share of respondents to whom the clusters of one k would give another persona than production does."""
    model = match_entry(entry, catalogue).to_model(catalogue, {})
    return float(np.mean(model.label(answers.values, answers.minimum_answered) != labels))


def _progress_line(entry: SweepEntry) -> str:
    return (
        f"k = {entry.k}: silhouette {entry.silhouette:.4f}, inertia {entry.inertia:.5g}, "
        f"ratio {entry.silhouette_inertia_ratio:.5f}"
    )
