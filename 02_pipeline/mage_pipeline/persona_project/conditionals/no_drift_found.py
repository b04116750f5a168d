"""Lets the quiet branch run when the verdict is anything but drift. It only reads: an error in here would count as False."""

if "condition" not in globals():
    from mage_ai.data_preparation.decorators import condition


@condition
def no_drift_found(verdict, *_, **__):
    """Tell whether the verdict is not drift."""
    return verdict["status"] != "drift"
