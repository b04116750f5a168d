"""The report of a trained forecast as one HTML page that needs neither internet nor scripts."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from dtc_model.forecasts.file_training import FileTraining
from dtc_model.forecasts.forecast_pictures import (
    calibration_picture,
    importance_picture,
    lift_picture,
    recall_picture,
)
from dtc_model.prediction import at_threshold, confusion, recall_at_precision

PRECISIONS = (0.5, 0.6, 0.7, 0.8, 0.9)


def forecast_report(training: FileTraining) -> str:
    """Return the page: what was chosen among which candidates, how good it was on customers it had not seen, and by what it goes."""
    holdout, model = training.holdout, training.model
    pictures, at_precision, chosen, shares = {}, {}, {}, {}
    if holdout is not None:
        pictures = {
            "Lift by tenth": lift_picture(holdout),
            "Calibration": calibration_picture(holdout),
            "How many to call": recall_picture(holdout),
            "What it goes by": importance_picture(holdout),
        }
        at_precision = {
            precision: recall_at_precision(holdout.left, holdout.probabilities, precision) for precision in PRECISIONS
        }
        threshold = 0.5 if model.threshold is None else model.threshold
        chosen = confusion(holdout.left, holdout.probabilities, threshold)
        shares = at_threshold(holdout.left, holdout.probabilities, threshold)
    evidence = training.evidence
    return (
        _environment()
        .get_template("forecast.html.j2")
        .render(
            training=training,
            model=model,
            holdout=holdout,
            table=training.trained.table.to_dict("records"),
            pictures=pictures,
            at_precision=at_precision,
            chosen=chosen,
            shares=shares,
            evidence=evidence,
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("dtc_model.forecasts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
