"""From which probability on somebody is called: by capacity, by cost, or by the share of leavers that must be reached."""

import numpy as np
from dtc_data.core import SettingsError

from dtc_model.rule import BoolArray, FloatArray


def threshold_by_capacity(probabilities: FloatArray, capacity: int) -> float:
    """Return the threshold at which no more customers are chosen than can be called.

    With ties at the edge fewer are chosen. 1 is a threshold that may choose nobody.

    Parameters
    ----------
    probabilities : ndarray of shape (n_customers,)
        Of the customers among whom is chosen.
    capacity : int
        How many can be called.

    Raises
    ------
    SettingsError
        If the capacity is below 1.
    """
    if capacity < 1:
        raise SettingsError(f"the capacity is {capacity}, but at least 1 customer must be callable")
    if capacity >= len(probabilities):
        return 0.0
    ordered = np.sort(probabilities)[::-1]
    if ordered[capacity - 1] > ordered[capacity]:
        return float(ordered[capacity - 1])
    above = ordered[ordered > ordered[capacity]]
    return float(above[-1]) if len(above) else 1.0


def threshold_by_cost(call_cost: float, loss: float, success: float = 1.0) -> float:
    """Return the threshold from which on a call costs less than it saves.

    A call pays where ``probability * success * loss >= call_cost`` (Elkan, IJCAI 2001, 973-978). It supposes that forecasts are
    calibrated: look at the calibration first.

    Parameters
    ----------
    call_cost, loss : float
        What a call costs, and what is lost with a customer who leaves; in one currency.
    success : float
        Share of those who would have left and stay because they were called.

    Raises
    ------
    SettingsError
        If a number is out of its range.
    """
    if not (call_cost >= 0 and loss > 0 and 0 < success <= 1):
        raise SettingsError(
            f"call_cost {call_cost:g}, loss {loss:g} and success {success:g} make no threshold: costs are at least 0, losses above 0, and "
            "success lies above 0 and is 1 at most"
        )
    return min(call_cost / (loss * success), 1.0)


def threshold_by_recall(left: BoolArray, probabilities: FloatArray, recall: float) -> float:
    """Return the largest threshold that reaches a share of those who left.

    Parameters
    ----------
    left, probabilities : ndarray of shape (n_customers,)
        Truth and forecasts of customers who were not trained on.
    recall : float
        The share to reach.

    Raises
    ------
    SettingsError
        If the share is not above 0 and 1 at most, or nobody left.
    """
    if not 0 < recall <= 1:
        raise SettingsError(f"the recall is {recall:g}, but must lie above 0 and be 1 at most")
    of_leavers = np.sort(probabilities[left])[::-1]
    if not len(of_leavers):
        raise SettingsError("nobody left among these customers: no threshold reaches a share of them")
    return float(of_leavers[int(np.ceil(recall * len(of_leavers) - 1e-9)) - 1])
