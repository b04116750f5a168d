"""Why a unit got its segment and not another one: what each answer adds to the difference of the two distances."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dtc_model.rule.segment_model import SegmentModel, as_answers


@dataclass(frozen=True)
class Pull:
    """What one answer says."""

    feature: str
    amount: float
    """Squared distance to the rival less that to the own segment, in scaled units: above 0 it speaks for the segment."""


def explain_label(model: SegmentModel, answers: npt.ArrayLike, segment: str, rival: str) -> list[Pull]:
    """Return what each answer of a unit says for its segment and against a rival, the strongest first.

    The amounts sum to the difference of the two squared distances, so they explain the label without a remainder. Where the
    model projects all answers together, no single answer pulls, and the list is empty; so it is for a missing answer.

    Parameters
    ----------
    model : SegmentModel
    answers : array_like of shape (n_features,)
        Of one unit, in the unit of the answers and the order of ``feature_names``; NaN where one is missing.
    segment, rival : str
        Names of two segments of the model.

    Raises
    ------
    ValueError
        If the model has no segment of such a name.
    AnswersError
        If an answer cannot be used.
    """
    if model.encoder.projection is not None:
        return []
    given = as_answers(np.atleast_2d(np.asarray(answers, dtype=np.float64)), model.feature_names)
    missing = np.isnan(given)
    own, other = (model.segment_names.index(name) for name in (segment, rival))
    _, squares = next(model.squares_by_feature(given, missing if missing.any() else None))
    amounts = squares[:, other, 0] - squares[:, own, 0]
    pulls = [Pull(name, float(amount)) for name, amount in zip(model.feature_names, amounts, strict=True)]
    answered = [pull for pull, is_missing in zip(pulls, missing[0], strict=True) if not is_missing]
    return sorted(answered, key=lambda pull: -abs(pull.amount))
