"""Forecasts as a table for people: probability, what to do, and why."""

from pathlib import Path
from typing import Any, Final

import pandas as pd
from dtc_data.core import SettingsError

from dtc_model.forecasts.feature_file import FeatureFile
from dtc_model.forecasts.forecast_config import ThresholdRule
from dtc_model.prediction import ForecastModel, ValueForecast

REASONS: Final = 3
CALL: Final = "call"
LEAVE_ALONE: Final = "leave alone"
_MAY_DIFFER: Final = ("history_from", "eligible")
"""Choices that a forecast does not depend on: since when there are lines, and whom they are about."""


def newest_customers(features: FeatureFile, model: ForecastModel) -> pd.DataFrame:
    """Return the rows of a file whose truth is to be forecast: of behaviour those at the newest cutoff, of a flat table all.

    Raises
    ------
    SettingsError
        If the features were made for another horizon, or by another choice than the model was trained with.
    """
    if features.kind == "flat":
        return features.frame
    if features.horizon_days != model.horizon_days:
        raise SettingsError(
            f"the features were made for a horizon of {features.horizon_days} days, but the forecast is of {model.horizon_days}"
        )
    made = {name: value for name, value in features.recipe.items() if name not in _MAY_DIFFER}
    if other := [name for name, value in made.items() if model.provenance.get(name, value) != value]:
        name = other[0]
        raise SettingsError(
            f"the features were made with {name} {made[name]!r}, but the forecast was trained with {model.provenance[name]!r}"
        )
    newest: pd.DataFrame = features.frame[features.frame["cutoff"] == features.frame["cutoff"].max()]
    return newest.reset_index(drop=True)


def predictions_of(
    features: pd.DataFrame,
    model: ForecastModel,
    value: ValueForecast | None = None,
    rule: ThresholdRule | None = None,
) -> pd.DataFrame:
    """Return a row per customer, those who are likeliest to leave first.

    Parameters
    ----------
    features : DataFrame
        customer_id and the features of the model.
    model : ForecastModel
        Of who leaves.
    value : ValueForecast, optional
        Of what they will spend.
    rule : ThresholdRule, optional
        Whom to call; by default whoever reaches the model's threshold.

    Returns
    -------
    DataFrame
        customer_id, probability, decision, expected_amount (with a value forecast), reason_1 to reason_3.
    """
    probabilities = model.predict_frame(features)
    threshold = (
        rule.today(model.threshold, probabilities) if rule else (0.5 if model.threshold is None else model.threshold)
    )
    found: dict[str, Any] = {
        "customer_id": features["customer_id"].astype(str).to_numpy(),
        "probability": probabilities.round(6),
        "decision": [CALL if probability >= threshold else LEAVE_ALONE for probability in probabilities],
    }
    if value is not None:
        found["expected_amount"] = value.predict_frame(features).round(2)
    reasons = model.reasons(features[list(model.feature_names)].to_numpy(dtype=float), REASONS)
    for number in range(REASONS):
        found[f"reason_{number + 1}"] = [one[number].words if number < len(one) else "" for one in reasons]
    table = pd.DataFrame(found)
    return table.sort_values(["probability", "customer_id"], ascending=[False, True], ignore_index=True)


def write_predictions(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table of forecasts as .csv, .xlsx or .parquet.

    Raises
    ------
    SettingsError
        If the file's name ends otherwise, or it cannot be written.
    """
    file = Path(path)
    writers = {
        ".csv": lambda: table.to_csv(file, index=False),
        ".xlsx": lambda: table.to_excel(file, index=False),
        ".parquet": lambda: table.to_parquet(file, index=False),
    }
    if file.suffix not in writers:
        raise SettingsError(f"{file}: forecasts are written as {', '.join(writers)}")
    try:
        writers[file.suffix]()
    except OSError as error:
        raise SettingsError(f"{file}: cannot be written: {error.strerror}") from error
