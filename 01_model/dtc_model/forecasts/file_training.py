"""From a file of features to a trained forecast with its threshold."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dtc_model.errors import ForecastError
from dtc_model.forecasts.feature_file import HEADS, FeatureFile
from dtc_model.forecasts.forecast_config import ForecastConfig
from dtc_model.forecasts.training_evidence import Evidence, gather_evidence
from dtc_model.prediction import (
    ForecastModel,
    Holdout,
    LabelledTable,
    Segments,
    StoredTables,
    TrainedForecast,
    ValueForecast,
    fit_segments,
    flat_table,
    pair_tables,
    stacked,
    train_flat,
    train_on_tables,
)


@dataclass(frozen=True, eq=False)
class FileTraining:
    """A forecast that was trained on a file of features."""

    trained: TrainedForecast
    """Its model has the threshold."""
    kind: str
    value: ValueForecast | None = None
    """What customers will spend in the horizon; None of a flat table."""
    segment: ForecastModel | None = None
    """In which segment they will be when the horizon has passed; None without a segmentation, or where no lookback is covered."""
    evidence: Evidence | None = None
    """What the report shows beside the holdout; None of a flat table."""

    @property
    def model(self) -> ForecastModel:
        """The forecast of who leaves."""
        return self.trained.model

    @property
    def holdout(self) -> Holdout | None:
        """What it forecast for customers who were not trained on."""
        return self.trained.holdout


def train_from_file(
    features: FeatureFile,
    config: ForecastConfig,
    report_progress: Callable[[str], None] = lambda _: None,
    segments: Segments | None = None,
) -> FileTraining:
    """Return the forecast that a file of features leads to.

    Parameters
    ----------
    features : FeatureFile
        Of behaviour, or a flat table.
    config : ForecastConfig
        How it is trained.
    report_progress : callable
        Called with a line of text about each step.
    segments : callable, optional
        Segments of customers as of moments, so that the next ones are forecast too.

    Raises
    ------
    ForecastError
        If there are too few labels; also `LeakageError` as of `dtc_model.prediction.train_on_tables`.
    """
    if features.kind == "flat":
        return _with_threshold(_train_flat(features, config, report_progress), config, features)
    source = StoredTables(features.frame, features.horizon_days, features.recipe)
    now = pd.Timestamp(features.now)
    trained = train_on_tables(source, now, config.options, report_progress=report_progress)
    newest = source.split_before(now, step_days=config.step_days, most=config.most_cutoffs).train
    value = ValueForecast.fit(stacked(source, newest, known_at=now), seed=config.seed)
    report_progress(f"value of the next {features.horizon_days} days: trained on {len(newest)} cutoffs")
    found = _with_threshold(trained, config, features)
    evidence = gather_evidence(
        features, source, found.trained, value=value, config=config, segments=segments, report_progress=report_progress
    )
    segment = None if segments is None else _fit_segments(source, segments, newest, config)
    return replace(found, value=value, segment=segment, evidence=evidence)


def _fit_segments(
    source: StoredTables, segments: Segments, cutoffs: tuple[pd.Timestamp, ...], config: ForecastConfig
) -> ForecastModel | None:
    pairs = pair_tables(source, segments, cutoffs)
    if pairs.then.empty:
        return None
    return fit_segments(pairs.features, pairs.then.tolist(), source.horizon_days, seed=config.seed)


def _train_flat(
    features: FeatureFile, config: ForecastConfig, report_progress: Callable[[str], None]
) -> TrainedForecast:
    labelled = features.frame[features.frame["left"].notna()]
    if labelled.empty:
        raise ForecastError(
            "none of the customers has a label: name the label's column in the preprocess configuration"
        )
    table: LabelledTable = flat_table(
        labelled.drop(columns=list(HEADS["flat"])), labelled["customer_id"], labelled["left"].to_numpy(dtype=bool)
    )
    is_test = (labelled["part"] == "test").to_numpy()
    return train_flat(table, is_test, config.options, report_progress=report_progress)


def _with_threshold(trained: TrainedForecast, config: ForecastConfig, features: FeatureFile) -> FileTraining:
    model, holdout = trained.model, trained.holdout
    if holdout is not None:
        threshold = config.threshold.threshold(holdout.left, np.asarray(holdout.probabilities))
        model = model.with_threshold(threshold)
    model = replace(model, provenance={**model.provenance, "data_digest": features.source})
    return FileTraining(replace(trained, model=model), features.kind)
