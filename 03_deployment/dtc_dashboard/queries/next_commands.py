"""What whoever runs the stack types next where a page has nothing to show."""

from dtc_data.catalogue import Segmentation
from dtc_data.transactions import CUSTOMER_VALUE


def are_stores(segmentation: Segmentation) -> bool:
    """Return whether the units are stores."""
    return segmentation.catalogue.stores is not None or segmentation.catalogue.words.unit == "store"


def command_for_units(segmentation: Segmentation) -> str:
    """Return the command that brings a segmentation its first units: a job, or the reading of a file."""
    if are_stores(segmentation):
        return "make run_stores"
    if segmentation.name == CUSTOMER_VALUE:
        return "make run_customers"
    if segmentation.catalogue.transactions is not None:
        return "make ingest_transactions FILE=my_transactions.csv"
    return segmentation.command("ingest FILE=my_wave.csv")
