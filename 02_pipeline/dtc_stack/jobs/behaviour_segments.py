"""The segments that forecasts are beside: those of customers by value, where there is such a segmentation."""

import structlog
from dtc_data.catalogue import Segmentation, find_segmentation
from dtc_data.core import UnknownSegmentationError
from dtc_data.transactions import CUSTOMER_VALUE, BehaviourLines
from dtc_model.errors import NoProductionVersionError
from dtc_model.forecasts import CustomerSegments
from dtc_model.registry import RegistryReader

_log = structlog.get_logger()


def segments_by_value(
    lines: BehaviourLines, tracking_uri: str, segmentation: Segmentation | None = None
) -> CustomerSegments | None:
    """Return segments as of moments, by the rule in production or, before there is one, the catalogue's own; None without a catalogue.

    Parameters
    ----------
    lines : BehaviourLines
        What customers bought.
    tracking_uri : str
        Address of MLflow for programs.
    segmentation : Segmentation, optional
        Of customers by their transactions; the one that is called customer_value if not given.
    """
    chosen = segmentation or _by_value()
    if chosen is None:
        return None
    reader = RegistryReader(tracking_uri, chosen.catalogue.registered_model)
    try:
        model = reader.fetch(reader.production_version()).model
    except NoProductionVersionError:
        return CustomerSegments(lines, chosen.catalogue)
    return CustomerSegments(lines, chosen.catalogue, model)


def _by_value() -> Segmentation | None:
    try:
        return find_segmentation(CUSTOMER_VALUE)
    except UnknownSegmentationError:
        _log.info(
            "forecasts without segments",
            reason=f"there is no segmentation {CUSTOMER_VALUE!r}: make run_customers finds one",
        )
        return None
