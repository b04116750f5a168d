"""Lets the retraining branch run when the verdict is drift. It only reads: an error in here would count as False."""

if "condition" not in globals():
    from mage_ai.data_preparation.decorators import condition


@condition
def drift_found(verdict, *_, **__):
    """Tell whether the verdict is drift."""
    return verdict["status"] == "drift"
