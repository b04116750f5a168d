"""Whether a new forecast may take the place of the one in production: findings on the newest cutoff whose truth is known."""

from dataclasses import dataclass

from dtc_model.prediction import ForecastModel, Holdout, LabelledTable, auc_error, measure

CHANCE: float = 1.0
"""Standard errors by which an AUC may lie below production's and count as equal."""


@dataclass(frozen=True)
class ForecastFinding:
    """One line of the gate."""

    name: str
    passes: bool
    words: str


def judge_forecast(
    holdout: Holdout | None, production: ForecastModel | None, test: LabelledTable | None
) -> tuple[ForecastFinding, ...]:
    """Return what speaks for and against a candidate.

    The candidate stands there as it was fitted to what was known at the test cutoff; production as it is. Where production
    was itself trained on that cutoff it has an advantage, and a candidate that passes has earned it.

    Parameters
    ----------
    holdout : Holdout or None
        What the candidate forecast for the newest matured cutoff; None if there is none.
    production : ForecastModel or None
        The forecast in production.
    test : LabelledTable or None
        The customers of the holdout, with their features.
    """
    if holdout is None:
        return (ForecastFinding("holdout", passes=False, words="no cutoff has matured that it could be tested on"),)
    calibrated = holdout.is_calibrated or not holdout.rate_was_seen  # no model can know of a rate that was never seen
    found = [ForecastFinding("calibration", calibrated, holdout.calibration_words)]
    if production is not None and test is not None:
        found.append(_compared(holdout, production, test))
    return tuple(found)


def _compared(holdout: Holdout, production: ForecastModel, test: LabelledTable) -> ForecastFinding:
    if missing := [name for name in production.feature_names if name not in test.features.columns]:
        return ForecastFinding(
            "auc", passes=False, words=f"production needs the feature {missing[0]}, which the candidate's table lacks"
        )
    theirs = measure(test.left, production.predict_frame(test.features)).auc
    ours, error = holdout.scores.auc, auc_error(test.left, holdout.scores.auc)
    return ForecastFinding(
        "auc",
        passes=ours >= theirs - CHANCE * error,
        words=f"AUC {ours:.3f} against {theirs:.3f} of production (one standard error is {error:.3f})",
    )
